// An instance's SSM agent: runs AWS-RunShellScript as the real one does, five at a time.
//
// It differs in one thing: the real agent reads output through pipes and waits until no process holds them; this one
// writes to files (a pipe of Node's is a socket, which /dev/stdout cannot open) and waits for the script's own end.

import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readErrors, readOutput } from "./command-output.ts";
import type { ProcessExit, Job, ProcessTree } from "../process/process-tree.ts";
import type { Invocation } from "./invocation.ts";
import type { Cancel, ScaledClock } from "../scaled-time.ts";

const workers = 5;
const maxRuns = 15;

export interface AgentPlan {
  readonly tree: ProcessTree;
  readonly time: ScaledClock;
  /** Where scripts and their output are kept. */
  readonly documents: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called when a command's script has been started. */
  readonly begun: () => void;
  /** What exit 194 asks for. */
  readonly reboot: () => void;
}

interface Run {
  readonly job: Job;
  readonly cancelLimit: Cancel;
  stopped: "limit" | "cancel" | undefined;
}

export class SsmAgent {
  readonly #plan: AgentPlan;
  /** Delivered and not over, in order. With a run: under way. */
  readonly #documents = new Map<Invocation, { run: Run | undefined }>();
  #isUp = true;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
  }

  deliver(invocation: Invocation): void {
    this.#documents.set(invocation, { run: undefined });
    this.#next();
  }

  cancel(invocation: Invocation): void {
    const document = this.#documents.get(invocation);
    if (document === undefined || invocation.isOver) return;
    if (document.run === undefined) {
      this.#documents.delete(invocation);
      invocation.end("Cancelled", "Cancelled", { code: -1 });
      return;
    }
    invocation.status = "Cancelling";
    invocation.details = "Cancelling";
    document.run.stopped = "cancel";
    document.run.job.kill();
  }

  /** Stops attending: what runs is not killed, and its end is not seen. Returns what is unfinished. */
  stop(): Invocation[] {
    this.#isUp = false;
    for (const { run } of this.#documents.values()) run?.cancelLimit();
    return [...this.#documents.keys()].filter((each) => !each.isOver);
  }

  #next(): void {
    for (const [invocation, document] of this.#documents) {
      const busy = [...this.#documents.values()].filter(({ run }) => run !== undefined).length;
      if (!this.#isUp || busy >= workers) return;
      if (invocation.isOver) this.#documents.delete(invocation);
      else if (document.run === undefined) this.#run(invocation, document);
    }
  }

  #run(invocation: Invocation, document: { run: Run | undefined }): void {
    const { order, commandId } = invocation.request;
    const folder = join(this.#plan.documents, commandId, "awsrunShellScript");
    if (++invocation.runs > maxRuns) {
      this.#documents.delete(invocation);
      invocation.end("Failed", "Failed", { code: -1 });
      return;
    }
    invocation.begin();
    let job: Job;
    try {
      job = startScript(this.#plan, { folder, ...order });
    } catch (error) {
      this.#documents.delete(invocation);
      invocation.end("Failed", "Failed", { code: -1, stderr: `failed to start the script: ${String(error)}` });
      return;
    }
    const run: Run = {
      job,
      stopped: undefined,
      cancelLimit: this.#plan.time.afterReal(order.executionTimeoutS, () => {
        run.stopped ??= "limit";
        job.kill();
      }),
    };
    document.run = run;
    this.#plan.begun();
    void job.ended.then((ended) => {
      run.cancelLimit();
      if (!this.#isUp) return;
      document.run = undefined;
      if (ended.exitCode === 194 && run.stopped === undefined) {
        this.#plan.reboot();
        return;
      }
      this.#documents.delete(invocation);
      settle(invocation, folder, { ended, stopped: run.stopped });
      this.#next();
    });
  }
}

function startScript(plan: AgentPlan, script: { folder: string; script: string; workingDirectory: string }): Job {
  const path = join(script.folder, "_script.sh");
  mkdirSync(script.folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, script.script, { mode: 0o700 });
  const stdout = freshFile(join(script.folder, "stdout"));
  const stderr = freshFile(join(script.folder, "stderr"));
  try {
    return plan.tree.start({
      argv: ["sh", "-c", path],
      cwd: script.workingDirectory.startsWith("/") ? script.workingDirectory : plan.home,
      env: plan.env,
      stdout,
      stderr,
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

// A new file, not a truncated one: a run from before the agent's restart may still be writing to the old one.
function freshFile(path: string): number {
  rmSync(path, { force: true });
  return openSync(path, "ax", 0o600);
}

/** The meaning of a script's end: exits 137, 168 and 169 are words of the agent's own. */
function settle(invocation: Invocation, folder: string, end: { ended: ProcessExit; stopped: Run["stopped"] }): void {
  const { exitCode, signal } = end.ended;
  const stdout = readOutput(join(folder, "stdout"));
  const errors = (failure?: string): string => readErrors(join(folder, "stderr"), failure);
  const failure = `\nfailed to run commands: ${exitCode === undefined ? `signal: ${signal}` : `exit status ${exitCode}`}`;
  if (end.stopped === "cancel") invocation.end("Cancelled", "Cancelled", { code: -1, stdout, stderr: errors(failure) });
  else if (end.stopped === "limit" || exitCode === 137)
    invocation.end("TimedOut", "ExecutionTimedOut", { code: 137, stdout, stderr: errors(failure) });
  else if (exitCode === 0) invocation.end("Success", "Success", { code: 0, stdout, stderr: errors() });
  else if (exitCode === 168) invocation.end("Success", "Success", { code: 168, stdout });
  else invocation.end("Failed", "Failed", { code: exitCode ?? -1, stdout, stderr: errors(failure) });
}
