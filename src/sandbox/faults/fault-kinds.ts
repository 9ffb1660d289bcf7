// The kinds of faults: name, syntax, and what each imitates of the real cloud.

/** The syntax of a fault's value. */
export type FaultSyntax = "chance" | "chance:time" | "time" | "seconds" | "count" | "places" | "seed";

interface Kind {
  readonly takes: FaultSyntax;
  /** What happens, in a line of help. */
  readonly stands: string;
}

export const faultKinds = {
  seed: {
    takes: "seed",
    stands: "what all else is drawn from; the same seed, the same draws of each kind (default: 1)",
  },
  throttle: {
    takes: "chance",
    stands: "a request is refused for its rate: RequestLimitExceeded by EC2, ThrottlingException by SSM",
  },
  http5xx: { takes: "chance", stands: "a request meets a fault of the service, half of them after it took effect" },
  drop: { takes: "chance", stands: "a request's connection is lost, half of them after it took effect" },
  hang: { takes: "chance", stands: "a request is taken and never answered, half of them after it took effect" },
  slow: { takes: "chance:time", stands: "an answer takes so much longer (scaled)" },
  consistency: {
    takes: "time",
    stands:
      "for so long (scaled) readers do not know a new instance (InvalidInstanceID.NotFound, of terminate too) nor a new command (InvocationDoesNotExist)",
  },
  duplicate: {
    takes: "chance",
    stands: "a command is delivered twice; the agent knows it by then and runs its script once",
  },
  "late-result": {
    takes: "chance",
    stands:
      "during a command the SSM agent restarts, or its worker is killed: the result comes unchanged, at once or 66 s later",
  },
  "lost-result": {
    takes: "chance",
    stands:
      "during a command its document worker is killed: after 64 to 157 s it is Failed with code 1 and no output, and its script may live on",
  },
  "agent-restart": {
    takes: "chance",
    stands: "as with agents of old: during a command the SSM agent crashes, comes back, and runs the script again",
  },
  "agent-lost": {
    takes: "chance",
    stands: "during a command the SSM agent falls silent for good; the machine runs on",
  },
  "agent-never": {
    takes: "chance",
    stands: "a machine's SSM agent never registers: no role, no way out, not installed",
  },
  "reboot-first": {
    takes: "chance",
    stands: "a machine reboots soon after its agent first registered, as first-boot updates do",
  },
  "kill-machine": {
    takes: "chance",
    stands: "during a command the machine is terminated with Server.InternalError: hardware failed",
  },
  "stop-machine": { takes: "chance", stands: "during a command the machine is stopped, as by somebody at the console" },
  "spot-interrupt": {
    takes: "chance",
    stands: "during a command a spot instance is taken away: Server.SpotInstanceTermination",
  },
  "no-capacity": {
    takes: "places",
    stands: "launches in these zones, or of these types, find InsufficientInstanceCapacity",
  },
  quota: { takes: "count", stands: "the account may run so many vCPUs: VcpuLimitExceeded beyond" },
  "disk-full": {
    takes: "chance",
    stands:
      "a machine's disk holds 192 kB of ours and then no more (where the sandbox runs as root with PID namespaces; else not done, and its console says so)",
  },
  "clock-jump": {
    takes: "seconds",
    stands: "during a machine's first command its clock, as date(1) tells it, jumps so far",
  },
  "clock-skew": {
    takes: "seconds",
    stands: "the cloud's clock, and its machines', is so far ahead of this computer's, or behind it",
  },
  garbage: {
    takes: "chance",
    stands: "noise with control characters in a command's output, before, within or after it",
  },
  truncate: { takes: "chance", stands: "a command's output is cut at any place" },
  "wrong-digest": { takes: "chance", stands: "one digit of the last digest in a command's output is another" },
} as const satisfies Readonly<Record<string, Kind>>;

export type FaultName = keyof typeof faultKinds;

const written: Readonly<Record<FaultSyntax, string>> = {
  chance: "P",
  "chance:time": "P:TIME",
  time: "TIME",
  seconds: "SECONDS",
  count: "N",
  places: "NAME+NAME",
  seed: "TEXT",
};

/** The text of `--help`: each fault, its syntax and what happens. */
export function faultsHelp(): string {
  const lines = Object.entries(faultKinds).map(
    ([name, { takes, stands }]) => `  ${`${name}=${written[takes]}`.padEnd(24)} ${stands}`,
  );
  return [
    "Faults, as --faults throttle=0.1,slow=0.05:2s,no-capacity=us-east-1a (or in TIMETRIAL_SANDBOX_FAULTS):",
    ...lines,
    "P is a chance from 0 to 1, P alone left out is 1; TIME is 500ms, 2s or 5m of the sandbox's scaled time.",
  ].join("\n");
}
