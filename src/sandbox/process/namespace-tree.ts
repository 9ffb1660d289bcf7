// A process tree in a PID namespace with a /proc of its own: the kernel ends all of it when its first process ends.
//
// The first process is a `cat` on a pipe that the sandbox holds, so the tree also ends when the sandbox is killed.
// It ignores SIGCHLD, so that the kernel reaps whatever is orphaned to it.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, ProcessLaunch, ProcessTree, TreePlan } from "./process-tree.ts";
import { exitOf } from "./child-end.ts";
import { killGroup } from "./process-scan.ts";
import { findProgram, program } from "./program.ts";
import { scriptShell } from "./script-shell.ts";

type Kind = "root" | "user";

const first = "echo ready; exec env --ignore-signal=CHLD cat >/dev/null";

/** What of the computer's system is read-only for an instance where root runs it. */
const readOnlyFolders = ["/usr", "/etc", "/boot", "/opt", "/srv", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/**
 * Mounts them so, in the namespace's own mounts, and says which could not be. By mount(8)'s path: the instance's own is
 * a stand-in. With what is mounted below, as a container has it below /etc.
 */
const protect = `for folder; do
	[ -d "$folder" ] && [ ! -L "$folder" ] || continue
	"$0" -o rbind,ro "$folder" "$folder" 2>/dev/null || echo "$folder: not read-only here"
done
`;

/**
 * Capabilities that no script gets: with them root could stop the computer, set its clock, load modules, change its
 * network, or reach its devices. They go from the bounding set, so that no program gets them back.
 */
const dropped = ["sys_boot", "sys_time", "sys_module", "sys_rawio", "sys_admin", "sys_pacct", "net_admin", "mknod", "syslog", "mac_override", "mac_admin", "linux_immutable"]; // prettier-ignore

let probed: { readonly kind: Kind | undefined } | undefined;

/** How a namespace is to be had here; undefined where it is not. Asked once a process. */
export function namespaceKind(): Kind | undefined {
  const kinds: readonly Kind[] = process.getuid?.() === 0 ? ["root", "user"] : ["user"];
  probed ??= { kind: kinds.find(works) };
  return probed.kind;
}

function works(kind: Kind): boolean {
  if (process.platform !== "linux") return false;
  try {
    const script = "env --ignore-signal=CHLD true && [ -d /proc/1 ] && command -v nsenter && command -v setsid";
    execFileSync(program("unshare"), [...unshareWords(kind), "sh", "-c", script], { stdio: "ignore", timeout: 5000 });
    const self = String(process.pid);
    readFileSync(`/proc/${self}/task/${self}/children`);
    return true;
  } catch {
    return false;
  }
}

function unshareWords(kind: Kind): string[] {
  return [...(kind === "user" ? ["--map-current-user"] : []), "--pid", "--fork", "--kill-child", "--mount-proc"];
}

export async function openNamespaceTree(plan: TreePlan): Promise<ProcessTree> {
  const kind = namespaceKind();
  if (kind === undefined) throw new Error("this computer allows no PID namespace");
  const folders = kind === "root" ? readOnlyFolders.filter((each) => !plan.folder.startsWith(`${each}/`)) : [];
  const words = ["sh", "-c", protect + first, program("mount"), ...folders];
  const holder = spawn(program("unshare"), [...unshareWords(kind), ...words], {
    stdio: ["pipe", "pipe", "ignore"],
    env: plan.env,
    detached: true,
  });
  let isGone = false;
  const gone = exitOf(holder).then(() => {
    isGone = true;
  });
  const { firstPid, notes } = await readiness(holder);
  const enter = [
    `--target=${firstPid}`,
    "--pid",
    "--mount",
    ...(kind === "user" ? ["--user", "--preserve-credentials"] : []),
  ];
  const namespace = namespaceOf(firstPid);
  return {
    isolation: "namespace",
    notes,
    start: (launch) =>
      start(launch, [...enter, ...(kind === "root" && !launch.isOwn ? unprivileged() : [])], namespace),
    async end() {
      if (!isGone) kill(firstPid);
      holder.stdin?.destroy();
      await gone;
    },
  };
}

/**
 * nsenter(1) enters the namespace and forks; its child becomes a session's leader and waits. Only when that child is
 * known here does it get the line that it waits for: its process group is then known for good, whatever becomes of it.
 */
function start(launch: ProcessLaunch, enter: readonly string[], namespace: string): Job {
  // setns moves to the namespace's root folder, hence the shell that changes it.
  const inside = [program("setsid"), ...scriptShell(launch.cwd, launch.argv, true)];
  const child = spawn(program("nsenter"), [...enter, ...inside], {
    stdio: ["pipe", launch.stdout, launch.stderr],
    env: launch.env,
    detached: true,
  });
  // It may be killed before it reads.
  child.stdin?.on("error", () => {});
  let leader: number | undefined;
  void leaderOf(child).then((pid) => {
    leader = pid;
    child.stdin?.end("\n");
  });
  return {
    ended: exitOf(child),
    kill() {
      const { pid } = child;
      if (pid === undefined) return;
      if (leader !== undefined) {
        // The group's number belongs to it while one member lives; after that it may be given out again.
        if (child.exitCode === null && child.signalCode === null) kill(-leader);
        killGroup(leader, (member) => namespaceOf(member) === namespace);
      }
      kill(pid);
    },
  };
}

async function leaderOf(child: ChildProcess): Promise<number | undefined> {
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const [leader] = childrenOf(child.pid);
    if (leader !== undefined) return leader;
    await sleep(1);
  }
  return undefined;
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return "";
  }
}

/** The namespace's first process, and what could not be done there. */
async function readiness(holder: ChildProcess): Promise<{ firstPid: number; notes: string[] }> {
  const { pid, stdout } = holder;
  if (pid === undefined || stdout === null) throw new Error("unshare could not be started");
  let stderrText = "";
  await new Promise<void>((resolve, reject) => {
    stdout.on("data", (chunk: Buffer) => {
      stderrText += chunk.toString();
      if (stderrText.endsWith("ready\n")) resolve();
    });
    stdout.once("close", () => reject(new Error("the namespace's first process ended at once")));
  });
  stdout.destroy();
  const [child] = childrenOf(pid);
  if (child === undefined) throw new Error("the namespace has no first process");
  return { firstPid: child, notes: stderrText.split("\n").slice(0, -2) };
}

/** The words before a command that then runs without `dropped`; none where setpriv(1) is missing. */
function unprivileged(): string[] {
  const setpriv = findProgram("setpriv");
  if (setpriv === undefined) return [];
  const without = dropped.map((name) => `-${name}`).join(",");
  return [setpriv, `--bounding-set=${without}`, `--inh-caps=${without}`];
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
