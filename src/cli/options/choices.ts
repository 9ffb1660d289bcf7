// The values of options that take one of a few, for what declares them and for what parses them.

export const clouds = ["aws", "sandbox"] as const;
export const axes = ["side", "command"] as const;
export const colourChoices = ["auto", "always", "never"] as const;
export const shells = ["none", "sh"] as const;
export const rankings = ["real", "cpu", "cost"] as const;
export const undecidedAnswers = ["pass", "fail"] as const;
export const tenancies = ["default", "dedicated", "host"] as const;
