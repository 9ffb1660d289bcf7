// Why a run may end unfinished, or a client unwell, when nobody hurt it: the very lines of the product, each with the faults
// that explain it. A line that is not here, or that no fault of the run explains, is a violation.

const instance = "i-[0-9a-f]+";
const type = "s[12]\\.medium";
const doing = [
  `launching \\d ${type} in us-east-1[a-c]`,
  `looking up (where ${type} and ${type} are offered|${type} in us-east-1|(image|parameter|subnet) \\S+)`,
  "asking EC2 for (instances|spot requests)",
  "asking SSM for the machines that it manages",
  `(sending|waiting for) a command (to|on) ${instance}`,
  "listing the types of us-east-1",
  "waiting for commands",
  `ending ${instance}(, ${instance})*`,
  "cancelling spot requests",
].join("|");
const refusal = (codes) => `(${doing}): .+ \\((${codes})\\)`;
const quota = '"[^"]+" \\(L-\\w+\\)';
/** What may follow, on lines of their own: the machine's last words. */
const lastWords = "(; its console ends with:)?";
const launching = (codes) => `launching \\d ${type} in us-east-1[a-c]: .+ \\((${codes})\\)`;

const silencing = ["agent-restart", "late-result", "lost-result", "agent-lost", "agent-never", "reboot-first"];
const ending = ["kill-machine", "stop-machine", "spot-interrupt", "clock-jump"];
const machine = [...silencing, ...ending];

/** @type {[string[], string][]} */
const reasons = [
  [["throttle"], refusal("RequestLimitExceeded|ThrottlingException")],
  [["http5xx"], refusal("InternalError|InternalServerError")],
  [["drop", "hang", "no-names"], refusal("TimeoutError")],
  // Names that never led anywhere are the user's mistake, as far as the client can see.
  [["no-names"], `(${doing}): there is no such endpoint \\(getaddrinfo ENOTFOUND sandbox\\.test\\)`],
  [["no-names"], `(${doing}): getaddrinfo ENOTFOUND sandbox\\.test`],
  [
    ["throttle", "http5xx", "drop", "hang", "no-names"],
    `waiting for a command on ${instance}: SSM did not answer for 120 s${lastWords}`,
  ],
  [["consistency"], `waiting for a command on ${instance}: SSM still does not know it after 60 s${lastWords}`],
  [["no-capacity"], launching("InsufficientInstanceCapacity")],
  [["quota"], `${launching("VcpuLimitExceeded|MaxSpotInstanceCountExceeded")}(; the quota is (${quota}|L-\\w+))?`],
  [["quota"], `the quota ${quota} allows \\d+ vCPUs in us-east-1: \\d+ are in use, \\d+ more are needed`],
  [["agent-never"], `${instance} did not become managed by SSM within 600 s${lastWords}`],
  [[...ending, "budget"], `${instance} \\(${type}\\) is (shutting-down|terminated|stopping|stopped): .+`],
  [[...machine, "budget"], `sending a command to ${instance}: .* ?\\(InvalidInstanceId\\)`],
  [machine, `no answer from ${instance} within \\d+ s${lastWords}`],
  [["lost-result", "reboot-first"], `the agent on \\S+: SSM lost the command's result: .+`],
  [[...machine, "duplicate"], `a command on ${instance} ended as \\w+ \\(limit \\d+ s\\)${lastWords}`],
];

/** Whether `stderr` has a reason that one of `faults` explains. */
export function isStated(stderr, faults) {
  return reasons.some(
    ([explain, line]) =>
      explain.some((name) => faults.includes(name)) && new RegExp(`^timetrial: (${line})$`, "m").test(stderr),
  );
}

const budgetLine =
  /^timetrial: the budget of \$\d+\.\d+ ends the run: (no machine can be launched any more|a batch took longer than was expected|\d+ more machines would go over it|\d+ more trials?, \d+ s, would go over it)$/m;

/** Whether `stderr` says that the budget made an end. */
export function saysBudget(stderr) {
  return budgetLine.test(stderr);
}

/** Whether `stderr` says that the outcome of a launch is not known. */
export function saysUnknown(stderr) {
  return /^timetrial: machines may be left running: nobody knows what became of the launch \S+/m.test(stderr);
}

/** Whether the table in `stdout` counts trials that the budget did not pay for. Its lines are broken where the terminal ends. */
export function saysUnpaid(stdout) {
  const text = stdout.replaceAll(/\s+/g, " ");
  return (
    /\d+ trials? (was|were) not begun: the budget would not have paid for/.test(text) ||
    /\d+ trials? had been sent to a machine when the budget ended the run/.test(text)
  );
}
