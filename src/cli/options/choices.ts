// The values of options that take one of a few, for what declares them and for what parses them.

export const clouds = ["aws", "sandbox"] as const;
export const axes = ["side", "command"] as const;
export const colourChoices = ["auto", "always", "never"] as const;
export const shells = ["none", "sh"] as const;
export const rankings = ["real", "cpu", "cost"] as const;
export const undecidedAnswers = ["pass", "fail"] as const;
export const tenancies = ["default", "dedicated", "host"] as const;
export const listed = ["suites", "runs", "types", "published"] as const;
export const shellsToComplete = ["bash", "zsh", "fish"] as const;
export const progressForms = ["auto", "ndjson"] as const;
export const textOrJson = ["text", "json"] as const;
export const architectures = ["arm64", "x86_64", "aarch64", "amd64"] as const;

// A global symbol: each group of commands is a bundle of its own, and each bundle has its own copy of this module.
const mark = Symbol.for("timetrial.choices");

/** Marks an option or an argument as one that takes `choices` alone. What parses its value refuses others. */
export function setChoices<T extends object>(definition: T, choices: readonly string[]): T {
  return Object.defineProperty(definition, mark, { value: choices });
}

/** Returns the only values that an option or an argument takes; undefined: any. */
export function choicesOf(definition: object): readonly string[] | undefined {
  return (definition as { readonly [mark]?: readonly string[] })[mark];
}
