// A process tree in a PID namespace with a /proc of its own: the kernel ends all of it when its first process ends.
//
// The first process is a `cat` on a pipe that the sandbox holds, so the tree also ends when the sandbox is killed.
// It ignores SIGCHLD, so that the kernel reaps whatever is orphaned to it.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Job, ProcessLaunch, ProcessTree, TreePlan } from "./process-tree.ts";
import { exitOf } from "./child-end.ts";

type Kind = "root" | "user";

const first = "echo ready; exec env --ignore-signal=CHLD cat >/dev/null";

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

// By its path: what is run on an instance may put anything first on its own PATH.
function program(name: string): string {
  return (
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ??
    name
  );
}

function unshareWords(kind: Kind): string[] {
  return [...(kind === "user" ? ["--map-current-user"] : []), "--pid", "--fork", "--kill-child", "--mount-proc"];
}

export async function openNamespaceTree(plan: TreePlan): Promise<ProcessTree> {
  const kind = namespaceKind();
  if (kind === undefined) throw new Error("this computer allows no PID namespace");
  const holder = spawn(program("unshare"), [...unshareWords(kind), "sh", "-c", first], {
    stdio: ["pipe", "pipe", "ignore"],
    env: plan.env,
    detached: true,
  });
  let isGone = false;
  const gone = exitOf(holder).then(() => {
    isGone = true;
  });
  const firstPid = await readiness(holder);
  const enter = [
    `--target=${firstPid}`,
    "--pid",
    "--mount",
    ...(kind === "user" ? ["--user", "--preserve-credentials"] : []),
  ];
  return {
    isolation: "namespace",
    start: (launch) => start(launch, enter),
    async end() {
      if (!isGone) kill(firstPid);
      holder.stdin?.destroy();
      await gone;
    },
  };
}

// setns moves to the namespace's root folder, hence the cd; setsid makes the script a leader within.
function start(launch: ProcessLaunch, enter: readonly string[]): Job {
  const inside = ["setsid", "sh", "-c", 'cd "$0" && unset OLDPWD && exec "$@"', launch.cwd, ...launch.argv];
  const child = spawn(program("nsenter"), [...enter, ...inside], {
    stdio: ["ignore", launch.stdout, launch.stderr],
    env: launch.env,
    detached: true,
  });
  return {
    ended: exitOf(child),
    kill() {
      const { pid } = child;
      if (pid === undefined) return;
      // Stopped first: it could be about to fork.
      kill(pid, "SIGSTOP");
      for (const leader of childrenOf(pid)) {
        kill(-leader);
        kill(leader);
      }
      kill(pid);
    },
  };
}

async function readiness(holder: ChildProcess): Promise<number> {
  const { pid, stdout } = holder;
  if (pid === undefined || stdout === null) throw new Error("unshare could not be started");
  await new Promise<void>((resolve, reject) => {
    stdout.once("data", () => resolve());
    stdout.once("close", () => reject(new Error("the namespace's first process ended at once")));
  });
  stdout.destroy();
  const [child] = childrenOf(pid);
  if (child === undefined) throw new Error("the namespace has no first process");
  return child;
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
