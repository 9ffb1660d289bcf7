// One machine of a run, with its agent and its facts: runs single batches there and makes records of them.

import type { Batch, Trial } from "../../domain/run/run-log.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { EndedLine, JournalLine } from "../../domain/run/machine-journal.ts";
import type { Facts } from "../../domain/run/machine.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { printable } from "../../domain/printable.ts";
import { setupFailureReason } from "../../domain/run/trial-record.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AgentClient } from "../agent/agent-client.ts";
import { sha256 } from "../archive/archive.ts";
import {
  cleanupBatchText,
  fitsBatch,
  setupBatchText,
  splitIntoBatches,
  trialId,
  trialsBatchText,
} from "../agent/batch-text.ts";
import type { Budget } from "../cost/budget.ts";
import type { RunState } from "../run/run-state.ts";
import { BatchReader } from "../agent/batch-reader.ts";
import { recordOfEnded, type TrialLocation, recordOfSkipped } from "./build-record.ts";
import type { RecordSink } from "../run/run-context.ts";
import { failureOf, keepStepLog, keepTrialLog, setupFindings } from "./step-log.ts";
import { StepProgress } from "./step-progress.ts";
import { stopwatch } from "./stopwatch.ts";

/** A trial cut off by a reboot or a kill is tried again, so often in all. */
const attempts = 3;

/** What the harness itself takes for a trial beside its timed step, about. Seconds. */
const aside_s = 0.02;

export interface MachineRunnerOptions {
  readonly course: RunState;
  readonly observe: (event: RunEvent) => void;
  readonly clock: Pick<Clock, "monotonic_s" | "now">;
  /** Names of suites that are the user's own. */
  readonly ownSuites?: ReadonlySet<string>;
  /** How often a trial that was cut off is tried in all: on a machine that must be new, once. */
  readonly attempts?: number;
  /** Of a machine that was launched just now: its facts, once it is ready again where it was started again meanwhile. */
  readonly ready?: () => Promise<Omit<Facts, "suites">>;
  readonly budget?: Pick<Budget, "begin">;
  /** Where the user interrupted the run: the signal that ends what is still asked of machines; else undefined. */
  readonly interrupted?: () => AbortSignal | undefined;
}

export class MachineRunner {
  readonly agent: AgentClient;
  facts: Facts;
  /** Suites whose setup was begun and that were not cleaned up since. */
  readonly #toCleanUp = new Set<string>();
  /** By suite: why it cannot run here. */
  readonly #broken = new Map<string, string>();
  /** By trial id less its round: what it took last. Seconds. */
  readonly #lasted = new Map<string, number>();
  /** By suite: what its setup found to run its rows by. */
  readonly #drivers = new Map<string, readonly string[]>();
  readonly #course: RunState;
  readonly #options: MachineRunnerOptions;
  readonly #progress: StepProgress;

  constructor(agent: AgentClient, facts: Facts, options: MachineRunnerOptions) {
    this.agent = agent;
    this.facts = facts;
    this.#course = options.course;
    this.#options = options;
    this.#progress = new StepProgress(this.name, options.clock, options.observe);
  }

  get name(): string {
    return this.agent.machine.name;
  }

  /** What the suite's setup found to run its rows by: `openssl-evp by c`. */
  drivers(suite: string): readonly string[] {
    return this.#drivers.get(suite) ?? [];
  }

  /** Runs the suite's setup; what it says of the machine goes into the facts. */
  async setup(suite: PlannedSuite, sink: Pick<RecordSink, "log">): Promise<void> {
    let ended: EndedLine | undefined;
    this.#toCleanUp.add(suite.name);
    // What was cleaned up is set up anew, under attempts of its own.
    const first = this.#course.cleanups(this.name, suite.name) * attempts + 1;
    const last = first + attempts - 1;
    for (let attempt = first; attempt <= last && (ended === undefined || ended.status === "interrupted"); attempt++) {
      const plan = setupBatchText(suite, attempt);
      const batch = this.#course.sent(this.name, plan) ?? (await this.#newBatch(suite, "setup", plan, []));
      const bootIds = new Set<string>();
      await this.#follow(batch, plan, undefined, async (line) => {
        if (line.t === "ended") ended = line;
        if (line.t === "start" || line.t === "end") bootIds.add(line.boot_id);
      });
      if (await this.#startedAgain(bootIds)) ended = undefined;
    }
    if (ended === undefined || ended.status !== "completed") {
      this.#broken.set(suite.name, setupFailureReason(failureOf(ended)));
      await keepStepLog(`${this.name}.${suite.name}.setup`, ended, sink);
      return;
    }
    this.#broken.delete(suite.name);
    const { facts, drivers } = setupFindings(ended.provided);
    this.facts = { ...this.facts, suites: { ...this.facts.suites, [suite.name]: facts } };
    this.#drivers.set(suite.name, drivers);
  }

  /** Whether the machine was started again since it was ready: what was set up before may be gone. Waits until it is. */
  async #startedAgain(bootIds: ReadonlySet<string>): Promise<boolean> {
    const { ready } = this.#options;
    if (ready === undefined || [...bootIds].every((id) => id === this.facts.boot_id)) return false;
    const { host_id } = this.facts;
    this.facts = { ...this.facts, ...(await ready()), host_id };
    return true;
  }

  /** Whether the suite's setup was begun here, and not cleaned up since. */
  isSetUp({ name }: PlannedSuite): boolean {
    return this.#toCleanUp.has(name);
  }

  /**
   * Runs the suite's cleanup, wherever its setup was begun, be it that it failed. `signal`: in place of the run's, where
   * that was interrupted.
   *
   * @throws TimetrialError CLEANUP_FAILED where the step fails
   */
  async cleanup(suite: PlannedSuite, sink: Pick<RecordSink, "log">, signal?: AbortSignal): Promise<void> {
    if (!this.#toCleanUp.has(suite.name)) return;
    const plan = cleanupBatchText(suite, this.#course.cleanups(this.name, suite.name) + 1);
    const batch = await this.#newBatch(suite, "cleanup", plan, []);
    let ended: EndedLine | undefined;
    const agent = signal === undefined ? this.agent : this.agent.withSignal(signal);
    await agent.batch(batch.batch, plan, undefined, async (line) => {
      if (line.t === "ended") ended = line;
    });
    this.#toCleanUp.delete(suite.name);
    if (ended === undefined || ended.status === "completed") return;
    await keepStepLog(`${this.name}.${suite.name}.cleanup`, ended, sink);
    throw new TimetrialError("CLEANUP_FAILED", `${this.name}: cleanup of ${suite.name} failed: ${failureOf(ended)}`, {
      hint: "look there for what setup made",
    });
  }

  /** How long `trials` will take here, where each has run before; else undefined. Seconds. */
  expected_s(trials: readonly Trial[]): number | undefined {
    let sum = 0;
    for (const trial of trials) {
      const last = this.#lasted.get(kindOf(trial));
      if (last === undefined) return undefined;
      sum += last + aside_s;
    }
    return sum;
  }

  /** Whether the trial's outcome is stored already. */
  has(trial: Trial): boolean {
    return this.#course.has(this.name, trial);
  }

  /** Reads to their ends the batches that an earlier client of the run sent and did not read. */
  async catchUp(suite: PlannedSuite, sink: RecordSink): Promise<void> {
    for (const batch of this.#course.unread(this.name, suite.name)) {
      // Noted by a client that failed to send it, since it was too large for any transport.
      if (!fitsBatch(trialsBatchText(suite, batch.trials))) {
        await this.#course.note({ kind: "read", machine: this.name, batch: batch.batch });
        continue;
      }
      const again = await this.#told(suite, batch, sink);
      await this.measure(suite, again, sink);
    }
  }

  /** Runs `trials` and gives `sink` a record for each. */
  async measure(suite: PlannedSuite, trials: readonly Trial[], sink: RecordSink): Promise<void> {
    const broken = this.#broken.get(suite.name);
    if (broken !== undefined) {
      for (const trial of trials) await sink.record(recordOfSkipped(trial, broken, this.#place(suite)));
      return;
    }
    for (const part of splitIntoBatches(suite, trials)) await this.#measureBatch(suite, part, sink);
  }

  /** Runs `trials`, which fit into one batch, until each has a record. */
  async #measureBatch(suite: PlannedSuite, trials: readonly Trial[], sink: RecordSink): Promise<void> {
    let waiting = this.#again(trials);
    while (waiting.length > 0) {
      await this.#options.budget?.begin(suite, waiting, this.facts.ncpu, this.expected_s(waiting));
      const batch = await this.#newBatch(suite, `r${waiting[0]?.round ?? 0}`, trialsBatchText(suite, waiting), waiting);
      waiting = this.#again(await this.#told(suite, batch, sink, stopwatch(this.#options.clock)));
    }
  }

  /** `trials` under attempts that nothing was sent under. */
  #again(trials: readonly Trial[]): Trial[] {
    return trials.map((trial) => ({ ...trial, attempt: this.#course.nextAttempt(this.name, trial) }));
  }

  /** Gives `sink` what became of the trials of `batch`; answers those that must be tried again. */
  async #told(suite: PlannedSuite, batch: Batch, sink: RecordSink, elapsed_s?: () => number): Promise<Trial[]> {
    const heard = new BatchReader(batch.trials);
    const most = this.#options.attempts ?? attempts;
    const isOver = (trial: Trial): boolean => {
      const status = heard.ended(trial)?.status;
      return status !== undefined && (status !== "interrupted" || trial.attempt >= most);
    };
    try {
      await this.#hear(suite, batch, heard, elapsed_s);
    } catch (error) {
      const until = this.#options.interrupted?.();
      // What the machine has measured by now is read before the run ends. Where that fails, the run ended all the same.
      if (until !== undefined)
        await this.agent
          .withSignal(until)
          .stopAndRead(batch.batch, async (line) => void heard.take(line))
          .catch(() => {});
      throw error;
    } finally {
      // Also where it broke off: what had ended was measured, and the machine may never be asked again. Should it be,
      // the same lines are told once more, and a trial that has a record gets no other.
      for (const trial of batch.trials.filter(isOver)) await this.#record(suite, trial, heard, sink);
    }
    const open = batch.trials.filter((trial) => !isOver(trial));
    for (const trial of open.filter(({ attempt }) => attempt >= most))
      await sink.record(recordOfSkipped(trial, "never-began", this.#place(suite)));
    await this.#course.note({ kind: "read", machine: this.name, batch: batch.batch });
    return open.filter(({ attempt }) => attempt < most);
  }

  async #record(suite: PlannedSuite, trial: Trial, heard: BatchReader, sink: RecordSink): Promise<void> {
    const ended = heard.ended(trial);
    if (ended === undefined) return;
    const watch = { startedAt: heard.begunAt(trial), batch: heard.watched, seen_s: heard.seen_s(trial) };
    const record = recordOfEnded(trial, ended, watch, this.#place(suite));
    const judged = heard.rebooted ? { ...record, tainted: [...record.tainted, "rebooted"] } : record;
    if (judged.status !== "completed" && judged.status !== "skipped")
      await keepTrialLog(this.name, trial, ended, { sink, observe: this.#options.observe });
    await sink.record(judged);
  }

  async #hear(suite: PlannedSuite, batch: Batch, heard: BatchReader, elapsed_s?: () => number): Promise<void> {
    const { trials } = batch;
    await this.#follow(batch, trialsBatchText(suite, trials), this.expected_s(trials), async (line) => {
      const { trial, ended } = heard.take(line, elapsed_s?.()) ?? {};
      if (trial === undefined || ended === undefined) return;
      if (ended.status === "completed" && ended.real_s !== undefined && ended.real_s <= trial.limit_s)
        this.#lasted.set(kindOf(trial), ended.real_s);
      if (ended.status === "skipped") this.#lasted.set(kindOf(trial), 0);
    });
  }

  async #follow(
    { batch }: Batch,
    plan: string,
    expect_s: number | undefined,
    onLine: (line: JournalLine) => Promise<void>,
  ): Promise<void> {
    const take = async (line: JournalLine): Promise<void> => {
      if (line.t === "start" && line.removed !== undefined)
        this.#options.observe({
          what: "note",
          text: `${this.name}: removed what nobody had gone on with for a week: ${printable(line.removed)}`,
        });
      await onLine(line);
    };
    await this.agent.batch(batch, plan, expect_s, take, (id, text) => this.#progress.report(id, text));
  }

  #place(suite: PlannedSuite): TrialLocation {
    const own = this.#options.ownSuites?.has(suite.name) === true;
    return { machine: this.agent.machine, facts: this.facts, suite, own };
  }

  /** Notes a batch under a name of its own: before it is sent, so that it can be asked for again. */
  async #newBatch(suite: PlannedSuite, what: string, plan: string, trials: readonly Trial[]): Promise<Batch> {
    const number = this.#course.batches(this.name) + 1;
    const batch: Batch = {
      kind: "batch",
      machine: this.name,
      batch: `${suite.name}.${what}.b${number}`,
      suite: suite.name,
      plan: sha256(plan),
      trials: [...trials],
    };
    await this.#course.note(batch);
    return batch;
  }
}

function kindOf(trial: Trial): string {
  return trialId({ ...trial, round: 0 });
}
