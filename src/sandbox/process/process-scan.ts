// What /proc says about the processes of this computer, as far as telling an instance's from others' needs it.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly hasTerminal: boolean;
  /** Clock ticks since boot at its start: with the pid, this names a process for good. */
  readonly birth: string;
}

/** All processes but zombies. */
export function scanProcesses(): ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => factsOf(Number(name)))
    .filter((facts) => facts !== undefined);
}

export function factsOf(pid: number): ProcessFacts | undefined {
  const stat = text(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  const [state = "Z", parent, , session, terminal] = fields;
  if (state === "Z" || state === "X" || stat === "") return undefined;
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    hasTerminal: terminal !== "0",
    birth: fields[19] ?? "",
  };
}

/** Whether the process was started with `variable` (NAME=VALUE) in its environment. */
export function wasStartedWith(pid: number, variable: string): boolean {
  return text(`/proc/${pid}/environ`).split("\0").includes(variable);
}

export function worksBelow(pid: number, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    return cwd === folder || cwd.startsWith(`${folder}/`);
  } catch {
    return false;
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
