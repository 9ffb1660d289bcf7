// How the sandbox's machines boot and end. Where a launch asks for an address that can be reached: when they run, when
// their kernel refuses, when their daemon answers, and where they stand. `running=1.5,closed=0.8,open=0.4,address=auto`.

export interface BootSettings {
  /** From the launch to the state `running`. Seconds of the cloud. */
  readonly runningS: number;
  /** From running to the first refusal; undefined: never, as behind a firewall that drops. */
  readonly closedS: number | undefined;
  /** From there to the open port; undefined: never. */
  readonly openS: number | undefined;
  /** `namespace` wants root and Linux; `auto` is that where it can be had, else `loopback`. */
  readonly address: "auto" | "namespace" | "loopback" | "never";
  readonly ports: readonly number[];
  /** From `shutting-down` to `terminated` or `stopped`. Seconds of the cloud. */
  readonly endedS: number;
}

export const defaultBootSettings: BootSettings = {
  runningS: 1.5,
  closedS: 0.8,
  openS: 0.4,
  address: "auto",
  ports: [22, 2222],
  endedS: 0.5,
};

/** @throws Error where `text` cannot be read */
export function parseBootSettings(text: string): BootSettings {
  let settings = defaultBootSettings;
  for (const part of text.split(",").filter((one) => one !== "")) {
    const [, name, value] = /^([a-z]+)=([a-z0-9.+]+)$/.exec(part) ?? [];
    settings = { ...settings, ...setting(part, name, value) };
  }
  return settings;
}

function setting(part: string, name: string | undefined, value: string | undefined): Partial<BootSettings> {
  if (value !== undefined) {
    if (name === "running") return { runningS: seconds(part, value) };
    if (name === "closed") return { closedS: value === "never" ? undefined : seconds(part, value) };
    if (name === "ended") return { endedS: seconds(part, value) };
    if (name === "open") return { openS: value === "never" ? undefined : seconds(part, value) };
    if (name === "address" && (value === "auto" || value === "namespace" || value === "loopback" || value === "never"))
      return { address: value };
    if (name === "ports") return { ports: value.split("+").map((port) => portOf(part, port)) };
  }
  throw new Error(`--boot: expected running=S, closed=S, open=S, ended=S, address=WHERE or ports=N+N, got ${part}`);
}

function seconds(part: string, text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 3600) return value;
  throw new Error(`--boot: expected seconds, got ${part}`);
}

function portOf(part: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new Error(`--boot: expected ports, got ${part}`);
}
