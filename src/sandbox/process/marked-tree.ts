// A process tree known by a mark: every process has the instance's id in its environment. For computers that allow no
// PID namespace.
//
// The end: find what bears the mark or works below the instance's folder, all of the same sessions, all descendants;
// stop them all (nothing forks any more), kill them all, and again until two scans find nothing. Our own session and
// processes at a terminal are never included. What escapes: a process that left its session, cleared its
// environment, left the folder, and whose parent is gone. If the sandbox is killed (SIGKILL), marked processes live on
// until it is started again on the same folder.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { exitOf } from "./child-end.ts";
import type { Job, ProcessLaunch, ProcessTree, TreePlan } from "./process-tree.ts";
import { factsOf, scanProcesses, wasStartedWith, worksBelow, type ProcessFacts } from "./process-scan.ts";

interface Mark {
  readonly instanceId: string;
  readonly folder: string;
}

export function openMarkedTree(plan: TreePlan): ProcessTree {
  // Members of a command's session seen when its leader ended: they vouch for the session's number later on.
  const seen = new Map<number, string>();
  return {
    isolation: "marker",
    start: (launch) => start(launch, seen),
    end: () => killMarked(plan, seen),
  };
}

function start(launch: ProcessLaunch, seen: Map<number, string>): Job {
  const [file, ...rest] = launch.argv;
  const child = spawn(file, rest, {
    cwd: launch.cwd,
    stdio: ["ignore", launch.stdout, launch.stderr],
    env: launch.env,
    detached: true,
  });
  const ended = exitOf(child).then((end) => {
    for (const each of scanProcesses()) if (each.session === child.pid) seen.set(each.pid, each.birth);
    return end;
  });
  return {
    ended,
    kill() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(-child.pid, "SIGKILL");
    },
  };
}

/** Ends all that bears `mark`; `seen` are further processes (pid to birth) known to belong to it. */
export async function killMarked(mark: Mark, seen: ReadonlyMap<number, string> = new Map()): Promise<void> {
  for (let empty = 0, round = 0; empty < 2; round++) {
    const members = membersOf(mark, seen);
    empty = members.length === 0 ? empty + 1 : 0;
    for (const { pid } of members) kill(pid, "SIGSTOP");
    for (const { pid } of members) kill(pid, "SIGKILL");
    if (empty < 2) await sleep(members.length === 0 ? 2 : 10);
    if (round > 500) throw new Error(`processes of ${mark.instanceId} do not end`);
  }
}

function membersOf(mark: Mark, seen: ReadonlyMap<number, string>): ProcessFacts[] {
  const variable = `TIMETRIAL_INSTANCE=${mark.instanceId}`;
  const ownSession = factsOf(process.pid)?.session;
  const all = scanProcesses().filter(
    (each) => each.pid !== process.pid && each.session !== ownSession && !each.hasTerminal,
  );
  const members = new Set(
    all.filter(
      (each) =>
        seen.get(each.pid) === each.birth || wasStartedWith(each.pid, variable) || worksBelow(each.pid, mark.folder),
    ),
  );
  for (let size = -1; size !== members.size;) {
    size = members.size;
    const sessions = new Set([...members].map((each) => each.session).filter((session) => session !== 0));
    const pids = new Set([...members].map((each) => each.pid));
    for (const each of all) if (sessions.has(each.session) || pids.has(each.parent)) members.add(each);
  }
  return [...members];
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
