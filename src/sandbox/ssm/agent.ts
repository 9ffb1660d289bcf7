// An instance's SSM agent: runs AWS-RunShellScript as amazon-ssm-agent 3.3.0.0 does, five commands at a time.
//
// It never runs a command twice: what is delivered again is dropped, and after its own end, its worker's or the
// machine's the script is not started again. Only exit status 194 asks for that.

import type { ProcessTree } from "../process/process-tree.ts";
import type { ScaledClock } from "../scaled-time.ts";
import { StreamHead } from "./command-output.ts";
import { failure, lostResult, rebootStatus, refusedDocument, resultOf } from "./document-result.ts";
import type { CommandWorker, WorkerEnd, WorkerHeads, WorkerSource } from "./document-worker.ts";
import type { Invocation, InvocationEnd } from "./invocation.ts";

const workers = 5;
const maxRuns = 15;

/** From the death of a document worker to the agent's word that its command failed: least and most. Seconds. */
const lostAfter_s = [64, 157] as const;

/** From exit status 194 to the reboot: the agent calls `shutdown -r +1`. Seconds. */
const rebootAfter_s = 60;

export interface AgentPlan {
  readonly time: ScaledClock;
  readonly workers: WorkerSource;
  /** A number from 0 to below 1 for how late a lost result comes. */
  readonly drawLateness: () => number;
  /** Called when a command's script has been started. */
  readonly begun: () => void;
  /** What exit status 194 asks for. */
  readonly reboot: () => void;
}

interface Document {
  readonly invocation: Invocation;
  worker: CommandWorker | undefined;
  heads: WorkerHeads;
  runs: number;
  /** Its script runs again after the next boot. */
  awaitsBoot: boolean;
}

export class SsmAgent {
  readonly #plan: AgentPlan;
  /** Delivered and not over, by command, in order. */
  readonly #documents = new Map<string, Document>();
  /** Commands that were ever delivered here. */
  readonly #known = new Set<string>();
  /** Results that came while the agent was away. */
  #unsent: (() => void)[] = [];
  /** Undefined while the agent is away. */
  #tree: ProcessTree | undefined;
  #isClosed = false;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
  }

  /** The agent is there, and starts scripts in `tree`. */
  arrive(tree: ProcessTree): void {
    this.#tree = tree;
    this.#plan.workers.prepare();
    for (const send of this.#unsent.splice(0)) send();
    this.#next();
  }

  /** The agent goes away. Its workers go on, and report when it is back. */
  leave(): void {
    this.#tree = undefined;
  }

  /** The machine boots anew: what ran has no result any more, and what asked for the boot runs again. */
  reboot(): void {
    this.leave();
    this.killWorkers();
    for (const document of this.#documents.values()) document.awaitsBoot = false;
  }

  /** The document workers are killed: their scripts may live on, their results are lost, which the agent says late. */
  killWorkers(): void {
    for (const document of this.#documents.values()) {
      if (document.worker === undefined) continue;
      document.worker.abandon();
      const [least_s, most_s] = lostAfter_s;
      const after_s = least_s + (most_s - least_s) * this.#plan.drawLateness();
      this.#plan.time.after(after_s, () => this.#report(document, lostResult));
    }
  }

  /** As agents of old did after their own end: what is unfinished is run again, beside what still runs. */
  runAgain(): void {
    for (const document of this.#documents.values()) {
      document.worker?.abandon();
      document.worker = undefined;
      document.heads = emptyHeads();
    }
    this.#next();
  }

  deliver(invocation: Invocation): void {
    const { commandId } = invocation.request;
    if (this.#known.has(commandId)) return;
    this.#known.add(commandId);
    this.#documents.set(commandId, {
      invocation,
      worker: undefined,
      heads: emptyHeads(),
      runs: 0,
      awaitsBoot: false,
    });
    this.#next();
  }

  /** Best effort: while the agent is away nothing happens. */
  cancel(invocation: Invocation): void {
    const document = this.#documents.get(invocation.request.commandId);
    if (document === undefined || invocation.isOver || this.#tree === undefined) return;
    if (document.worker === undefined) {
      this.#report(document, { status: "Cancelled", details: "Cancelled", code: -1 });
      return;
    }
    invocation.status = "Cancelling";
    invocation.details = "Cancelling";
    document.worker.cancel();
  }

  /** The machine ends: no command of it reports any more. */
  close(): void {
    this.#isClosed = true;
    void this.#plan.workers.close();
    this.leave();
    for (const { worker } of this.#documents.values()) worker?.abandon();
  }

  #next(): void {
    for (const document of this.#documents.values()) {
      const busy = [...this.#documents.values()].filter(({ worker }) => worker !== undefined).length;
      if (this.#tree === undefined || busy >= workers) return;
      if (document.invocation.isOver) this.#documents.delete(document.invocation.request.commandId);
      else if (document.worker === undefined && !document.awaitsBoot) this.#run(document, this.#tree);
    }
  }

  #run(document: Document, tree: ProcessTree): void {
    const { invocation, heads } = document;
    if (++document.runs > maxRuns || holdsParameter(invocation.request.order.script)) {
      this.#report(document, refusedDocument);
      return;
    }
    invocation.begin();
    const worker = this.#plan.workers.start(tree, invocation.request, heads, this.#plan.begun);
    document.worker = worker;
    void worker.ended.then(
      (end) => {
        if (document.worker === worker) this.#ended(document, end);
      },
      (error: unknown) => {
        if (document.worker !== worker) return;
        this.#report(document, failure(textOf(document), error instanceof Error ? error.message : String(error), 1));
      },
    );
  }

  #ended(document: Document, end: WorkerEnd): void {
    if (end.exit.exitCode !== rebootStatus || end.stopped !== undefined) {
      this.#report(document, resultOf(end, textOf(document)));
      return;
    }
    document.worker = undefined;
    document.awaitsBoot = true;
    this.#plan.time.after(rebootAfter_s, this.#plan.reboot);
    this.#next();
  }

  #report(document: Document, end: InvocationEnd): void {
    if (this.#isClosed) return;
    if (this.#tree === undefined) {
      this.#unsent.push(() => this.#report(document, end));
      return;
    }
    this.#documents.delete(document.invocation.request.commandId);
    document.invocation.end(end);
    this.#plan.workers.prepare();
    this.#next();
  }
}

function emptyHeads(): WorkerHeads {
  return { stdout: new StreamHead(), stderr: new StreamHead() };
}

function textOf({ heads }: Document): { stdout: string; stderr: string } {
  return { stdout: heads.stdout.text(), stderr: heads.stderr.text() };
}

/** A parameter of the document's, `{{ name }}`, that nothing gives a value: the agent does not run such a document. */
function holdsParameter(script: string): boolean {
  return /\{\{[^{}]*\}\}/.test(script);
}
