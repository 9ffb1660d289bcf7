// What /proc says about the processes of this computer, as far as telling an instance's from others' needs it.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
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
  const [state = "Z", parent, group, session, terminal] = fields;
  if (state === "Z" || state === "X" || stat === "") return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    hasTerminal: terminal !== "0",
    birth: fields[19] ?? "",
  };
}

/** Whether the process was started with `variable` (NAME=VALUE) in its environment. */
export function wasStartedWith(pid: number, variable: string): boolean {
  return text(`/proc/${pid}/environ`).split("\0").includes(variable);
}

/** The hard limit of bytes in POSIX message queues, as text; undefined where it cannot be read. */
export function queueLimitOf(pid: number): string | undefined {
  return /^Max msgqueue size +\d+ +(\d+)/m.exec(text(`/proc/${pid}/limits`))?.[1];
}

/**
 * SIGKILL to what is left of the group that `leader` led. `isOurs` keeps a group of somebody else's safe, where the
 * number was given out again.
 */
export function killGroup(leader: number, isOurs: (pid: number) => boolean): void {
  for (const each of scanProcesses()) {
    if (each.group !== leader || !isOurs(each.pid)) continue;
    try {
      process.kill(each.pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
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
