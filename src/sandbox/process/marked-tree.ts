// A process tree known by marks: every process has the instance's id in its environment, and a resource limit with a
// number of the instance's own. For computers that allow no PID namespace.
//
// To end it: find all processes that bear a mark or work below the instance's folder, all of their sessions, all
// descendants; stop them (then nothing forks), kill them, and repeat until two scans find nothing. Our own session and
// processes at a terminal are never included. Where prlimit(1) is missing, one process escapes: it left its session,
// cleared its environment, left the folder, and its parent is gone. If the sandbox is killed (SIGKILL), marked
// processes live on until it is started again on the same folder.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { exitOf } from "./child-end.ts";
import type { Job, ProcessLaunch, ProcessTree, TreePlan } from "./process-tree.ts";
import {
  factsOf,
  killGroup,
  queueLimitOf,
  scanProcesses,
  wasStartedWith,
  worksBelow,
  type ProcessFacts,
} from "./process-scan.ts";
import { findProgram } from "./program.ts";
import { scriptShell } from "./script-shell.ts";

interface Mark {
  readonly instanceId: string;
  readonly folder: string;
}

export function openMarkedTree(plan: TreePlan): ProcessTree {
  // Members of a command's session seen when its leader ended: they vouch for the session's number later on.
  const seen = new Map<number, string>();
  return {
    isolation: "marker",
    notes: [],
    start: (launch) => start(launch, plan, seen),
    end: () => killMarked(plan, seen),
  };
}

function start(launch: ProcessLaunch, mark: Mark, seen: Map<number, string>): Job {
  const [file, ...rest] = [...limitMark(mark), ...scriptShell(launch.cwd, launch.argv)];
  const child = spawn(file, rest, {
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
      if (child.pid === undefined) return;
      if (child.exitCode === null && child.signalCode === null) kill(-child.pid, "SIGKILL");
      else killGroup(child.pid, (pid) => hasMark(pid, mark));
    },
  };
}

/**
 * A mark that neither a cleared environment nor a change of folder or session takes away: the limit of POSIX message
 * queues' bytes, a number of this instance's own. Empty where prlimit(1) is missing.
 */
function limitMark(mark: Mark): [string, ...string[]] | [] {
  const prlimit = findProgram("prlimit");
  const bytes = queueBytesOf(mark);
  return prlimit === undefined ? [] : [prlimit, `--msgqueue=${bytes}:${bytes}`];
}

/** Below 819,200, the limit that Linux begins with: a process without privileges may only lower it. */
function queueBytesOf({ instanceId }: Mark): number {
  return 100_000 + (createHash("sha256").update(instanceId).digest().readUInt32BE() % 700_000);
}

function hasMark(pid: number, mark: Mark): boolean {
  return (
    wasStartedWith(pid, `TIMETRIAL_INSTANCE=${mark.instanceId}`) || queueLimitOf(pid) === String(queueBytesOf(mark))
  );
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
  const ownSession = factsOf(process.pid)?.session;
  const all = scanProcesses().filter(
    (each) => each.pid !== process.pid && each.session !== ownSession && !each.hasTerminal,
  );
  const members = new Set(
    all.filter(
      (each) => seen.get(each.pid) === each.birth || hasMark(each.pid, mark) || worksBelow(each.pid, mark.folder),
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
