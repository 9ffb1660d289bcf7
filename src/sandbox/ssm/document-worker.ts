// A document worker: runs a command's script once, reads its pipes, and ends it at its limit. The real agent has a
// process for it, so that the agent's own end leaves it alone.

import { closeSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type NamedPipe, SparePipes } from "../process/named-pipe.ts";
import type { Job, ProcessExit, ProcessTree } from "../process/process-tree.ts";
import type { Cancel, ScaledClock } from "../scaled-time.ts";
import type { StreamHead } from "./command-output.ts";
import type { CommandRequest } from "./invocation.ts";

/** Where a script runs that names no absolute folder: the agent's own. */
const agentFolder = "/usr/bin";

/** After a kill: how long the worker reads what the script had already written. Milliseconds. */
const drain_ms = 50;

/** The beginnings of a script's standard output and error. */
export interface WorkerHeads {
  readonly stdout: StreamHead;
  readonly stderr: StreamHead;
}

/** Runs one command's script. */
export interface CommandWorker {
  /** Never resolves once the worker is abandoned. @throws Error, with the agent's words, where nothing could be started */
  readonly ended: Promise<WorkerEnd>;
  cancel(): void;
  abandon(): void;
}

/** Where an agent gets its workers. */
export interface WorkerSource {
  /** The next command may come soon. */
  prepare(): void;
  /** Standard output and error of the script go to the end of `heads`. `begun` is called when it has been started. */
  start(tree: ProcessTree, request: CommandRequest, heads: WorkerHeads, begun: () => void): CommandWorker;
  close(): Promise<void>;
}

/** Workers that run scripts as processes of their instance. */
export class DocumentWorkers implements WorkerSource {
  readonly #plan: Omit<WorkerPlan, "tree" | "pipes">;
  readonly #pipes: SparePipes;

  constructor(plan: Omit<WorkerPlan, "tree" | "pipes">) {
    this.#plan = plan;
    this.#pipes = new SparePipes(plan.orchestration);
  }

  prepare(): void {
    this.#pipes.prepare();
  }

  start(tree: ProcessTree, request: CommandRequest, heads: WorkerHeads, begun: () => void): CommandWorker {
    return new DocumentWorker({ ...this.#plan, tree, pipes: this.#pipes }, request, heads, begun);
  }

  async close(): Promise<void> {
    await this.#pipes.close();
  }
}

interface WorkerPlan {
  readonly tree: ProcessTree;
  readonly time: ScaledClock;
  /** Where scripts are kept, a folder for each command. */
  readonly orchestration: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pipes: SparePipes;
}

export interface WorkerEnd {
  readonly exit: ProcessExit;
  /** Why the script was killed, where it was. */
  readonly stopped: "limit" | "cancel" | undefined;
}

class DocumentWorker implements CommandWorker {
  readonly ended: Promise<WorkerEnd>;
  readonly #plan: WorkerPlan;
  readonly #request: CommandRequest;
  readonly #stop: Promise<"limit" | "cancel">;
  #stopFor: (why: "limit" | "cancel") => void = () => {};
  #cancelLimit: Cancel = () => {};
  #pipes: readonly NamedPipe[] = [];
  #isAbandoned = false;

  constructor(plan: WorkerPlan, request: CommandRequest, heads: WorkerHeads, begun: () => void) {
    this.#plan = plan;
    this.#request = request;
    this.#stop = new Promise((resolve) => {
      this.#stopFor = resolve;
    });
    this.ended = this.#run(heads, begun);
  }

  cancel(): void {
    this.#stopFor("cancel");
  }

  /** As where the worker itself was killed: the script lives on, with pipes that nobody reads, and `ended` never comes. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#cancelLimit();
    for (const { breakOff } of this.#pipes) breakOff();
  }

  async #run(heads: WorkerHeads, begun: () => void): Promise<WorkerEnd> {
    const { executionTimeoutS } = this.#request.order;
    const job = await this.#start();
    const closed = this.#pipes.map(
      ({ reader }, index) =>
        new Promise<void>((resolve) => {
          reader.on("data", (chunk: Buffer) => (index === 0 ? heads.stdout : heads.stderr).take(chunk));
          reader.on("error", () => {});
          reader.on("close", () => resolve());
        }),
    );
    this.#cancelLimit = this.#plan.time.afterReal(executionTimeoutS, () => this.#stopFor("limit"));
    begun();
    // The end of the script is not enough: a child that holds a pipe is waited for.
    const whole = Promise.all([job.ended, ...closed]).then(([exit]) => exit);
    const first = await Promise.race([whole, this.#stop]);
    this.#cancelLimit();
    if (this.#isAbandoned) return await new Promise(() => {});
    if (typeof first !== "string") return { exit: first, stopped: undefined };
    job.kill();
    const exit = await job.ended;
    // A child outside of the group may go on holding a pipe.
    await Promise.race([Promise.all(closed), sleep(drain_ms)]);
    for (const { breakOff } of this.#pipes) breakOff();
    return { exit, stopped: first };
  }

  async #start(): Promise<Job> {
    const { tree, orchestration, env } = this.#plan;
    const { commandId, order } = this.#request;
    const folder = join(orchestration, commandId, "awsrunShellScript", "0.awsrunShellScript");
    const path = join(folder, "_script.sh");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${order.script}\n`, { mode: 0o700 });
    const cwd = order.workingDirectory.startsWith("/") ? order.workingDirectory : agentFolder;
    if (!isFolder(cwd)) throw new Error(`fork/exec ${shellIn(env["PATH"] ?? "")}: no such file or directory`);
    const pipes = await this.#plan.pipes.take();
    this.#pipes = pipes;
    if (this.#isAbandoned) this.abandon();
    const [stdout = 1, stderr = 2] = pipes.map(({ writer }) => writer);
    try {
      return tree.start({
        argv: ["sh", "-c", path],
        cwd,
        env: { ...env, SSM_COMMAND_ID: commandId },
        stdout,
        stderr,
      });
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** The sh that `path`, a PATH, leads to. */
function shellIn(path: string): string {
  return (
    path
      .split(":")
      .map((folder) => join(folder, "sh"))
      .find((each) => existsSync(each)) ?? "sh"
  );
}
