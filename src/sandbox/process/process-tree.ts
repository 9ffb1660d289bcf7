// The processes of an instance as one tree, which is ended as a whole. Two ways of keeping them together: a PID
// namespace where this computer allows one, else a mark in the environment of every process.

export interface ProcessLaunch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Open files; the tree closes them neither before nor after. */
  readonly stdout: number;
  readonly stderr: number;
  /** The sandbox's own work in the tree: it keeps the privileges that scripts do not get. */
  readonly isOwn?: boolean;
}

export interface ProcessExit {
  /** Absent where a signal ended the process. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface Job {
  readonly ended: Promise<ProcessExit>;
  /** SIGKILL to the process group, and to nothing else; also once its first process has ended. */
  kill(): void;
}

export interface ProcessTree {
  /** `simulated`: it has no process at all. */
  readonly isolation: Isolation | "simulated";
  /** What of it this computer did not allow: a line each, for the instance's console. */
  readonly notes: readonly string[];
  /** Starts a process in a group (and session) of its own. */
  start(launch: ProcessLaunch): Job;
  /** Resolves when no process of the tree is left, detached ones too. */
  end(): Promise<void>;
}

export type Isolation = "namespace" | "marker";

export interface TreePlan {
  readonly instanceId: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}
