// Runs the batches of a run on one machine, and makes records of them. Holds the machine's agent and facts.

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
import { cleanupBatchText, fitsBatch, setupBatchText, splitIntoBatches, trialsBatchText } from "../agent/batch-text.ts";
import type { Budget } from "../cost/budget.ts";
import type { RunState } from "../run/run-state.ts";
import { BatchReader } from "../agent/batch-reader.ts";
import { readingsOf, recordOfEnded, type TrialLocation, recordOfSkipped } from "./build-record.ts";
import type { RecordSink } from "../run/run-context.ts";
import { ReadingsWatch } from "./readings-watch.ts";
import { failureOf, keepStepLog, keepTrialLog, setupFindings } from "./step-log.ts";
import { StepProgress } from "./step-progress.ts";
import { stopwatch } from "./stopwatch.ts";
import { TrialTimes } from "./trial-times.ts";

/** How often a trial is tried in all: one that a reboot or a kill cut off is tried again. */
const attempts = 3;

export interface MachineRunnerOptions {
  readonly state: RunState;
  readonly observe: (event: RunEvent) => void;
  readonly clock: Pick<Clock, "monotonic_s" | "now">;
  /** Names of suites that are the user's own. */
  readonly ownSuites?: ReadonlySet<string>;
  /** How often a trial that was cut off is tried in all; 1 on a machine that must be new. Absent: 3. */
  readonly attempts?: number;
  /** For a machine that was just launched: waits until it is ready again after a reboot, and returns its facts. */
  readonly ready?: () => Promise<Omit<Facts, "suites">>;
  readonly budget?: Pick<Budget, "begin">;
  /** Where the user interrupted the run: returns the signal that ends the last calls to machines; else undefined. */
  readonly interrupted?: () => AbortSignal | undefined;
}

export class MachineRunner {
  readonly agent: AgentClient;
  facts: Facts;
  /** Suites whose setup was begun, and whose cleanup has not run since. */
  readonly #toCleanUp = new Set<string>();
  /** By suite: why it cannot run on this machine. */
  readonly #broken = new Map<string, string>();
  readonly #times = new TrialTimes();
  /** By suite: the drivers that its setup found for its rows. */
  readonly #drivers = new Map<string, readonly string[]>();
  readonly #state: RunState;
  readonly #options: MachineRunnerOptions;
  readonly #progress: StepProgress;
  readonly #readings: ReadingsWatch;

  constructor(agent: AgentClient, facts: Facts, options: MachineRunnerOptions) {
    this.agent = agent;
    this.facts = facts;
    this.#state = options.state;
    this.#options = options;
    this.#progress = new StepProgress(this.name, options.clock, options.observe);
    this.#readings = new ReadingsWatch(this.name, options.observe);
  }

  get name(): string {
    return this.agent.machine.name;
  }

  /** Returns the drivers that the suite's setup found for its rows: `openssl-evp by c`. */
  drivers(suite: string): readonly string[] {
    return this.#drivers.get(suite) ?? [];
  }

  /** Runs the suite's setup, and adds what it reports of the machine to the facts. */
  async setup(suite: PlannedSuite, sink: Pick<RecordSink, "log">): Promise<void> {
    let ended: EndedLine | undefined;
    this.#toCleanUp.add(suite.name);
    // A suite that was cleaned up is set up again, under new attempt numbers.
    const first = this.#state.cleanups(this.name, suite.name) * attempts + 1;
    const last = first + attempts - 1;
    for (let attempt = first; attempt <= last && (ended === undefined || ended.status === "interrupted"); attempt++) {
      const plan = setupBatchText(suite, attempt);
      const batch = this.#state.sent(this.name, plan) ?? (await this.#newBatch(suite, "setup", plan, []));
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

  /** Whether the machine rebooted since it was ready: its setups may be gone. Waits until it is ready again. */
  async #startedAgain(bootIds: ReadonlySet<string>): Promise<boolean> {
    const { ready } = this.#options;
    if (ready === undefined || [...bootIds].every((id) => id === this.facts.boot_id)) return false;
    const { host_id } = this.facts;
    this.facts = { ...this.facts, ...(await ready()), host_id };
    return true;
  }

  /** Whether the suite's setup was begun here, and its cleanup has not run since. */
  isSetUp({ name }: PlannedSuite): boolean {
    return this.#toCleanUp.has(name);
  }

  /**
   * Runs the suite's cleanup if its setup was begun here, even where the setup failed. `signal` replaces the run's
   * signal where the run was interrupted.
   *
   * @throws TimetrialError CLEANUP_FAILED where the step fails
   */
  async cleanup(suite: PlannedSuite, sink: Pick<RecordSink, "log">, signal?: AbortSignal): Promise<void> {
    if (!this.#toCleanUp.has(suite.name)) return;
    const plan = cleanupBatchText(suite, this.#state.cleanups(this.name, suite.name) + 1);
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

  /** Returns how long `trials` will take here; undefined unless the row of each has run here before. Seconds. */
  expected_s(trials: readonly Trial[]): number | undefined {
    return this.#times.expected_s(trials);
  }

  /** Whether the trial has a record. */
  has(trial: Trial): boolean {
    return this.#state.has(this.name, trial);
  }

  /** Reads the batches that an earlier client of the run sent and did not read, and measures what is missing. */
  async catchUp(suite: PlannedSuite, sink: RecordSink): Promise<void> {
    for (const batch of this.#state.unread(this.name, suite.name)) {
      // An earlier client logged this batch and could not send it: it is too large for any transport.
      if (!fitsBatch(trialsBatchText(suite, batch.trials))) {
        await this.#state.note({ kind: "read", machine: this.name, batch: batch.batch });
        continue;
      }
      const retries = await this.#readBatch(suite, batch, sink);
      await this.measure(suite, retries, sink);
    }
  }

  /** Runs `trials`, and passes a record of each to `sink`. */
  async measure(suite: PlannedSuite, trials: readonly Trial[], sink: RecordSink): Promise<void> {
    const broken = this.#broken.get(suite.name);
    if (broken !== undefined) {
      for (const trial of trials) await sink.record(recordOfSkipped(trial, broken, this.#location(suite)));
      return;
    }
    for (const part of splitIntoBatches(suite, trials)) await this.#measureBatch(suite, part, sink);
  }

  /** Runs `trials`, which fit into one batch, until each has a record. */
  async #measureBatch(suite: PlannedSuite, trials: readonly Trial[], sink: RecordSink): Promise<void> {
    let waiting = this.#withNewAttempts(trials);
    while (waiting.length > 0) {
      await this.#options.budget?.begin(suite, waiting, this.facts.ncpu, this.expected_s(waiting));
      const batch = await this.#newBatch(suite, `r${waiting[0]?.round ?? 0}`, trialsBatchText(suite, waiting), waiting);
      waiting = this.#withNewAttempts(await this.#readBatch(suite, batch, sink, stopwatch(this.#options.clock)));
    }
  }

  /** Returns `trials` under attempt numbers that were never sent. */
  #withNewAttempts(trials: readonly Trial[]): Trial[] {
    return trials.map((trial) => ({ ...trial, attempt: this.#state.nextAttempt(this.name, trial) }));
  }

  /** Reads `batch`, and passes the records of its trials to `sink`. Returns the trials that must be tried again. */
  async #readBatch(suite: PlannedSuite, batch: Batch, sink: RecordSink, elapsed_s?: () => number): Promise<Trial[]> {
    const reader = new BatchReader(batch.trials);
    const mostAttempts = this.#options.attempts ?? attempts;
    const isOver = (trial: Trial): boolean => {
      const status = reader.ended(trial)?.status;
      return status !== undefined && (status !== "interrupted" || trial.attempt >= mostAttempts);
    };
    try {
      await this.#readLines(suite, batch, reader, elapsed_s);
    } catch (error) {
      const limit = this.#options.interrupted?.();
      // Reads what the machine has measured so far. A failure of this changes nothing: the run ends.
      if (limit !== undefined)
        await this.agent
          .withSignal(limit)
          .stopAndRead(batch.batch, async (line) => void reader.take(line))
          .catch(() => {});
      throw error;
    } finally {
      // Also where the batch broke off: trials that ended were measured, and the machine may never be asked again. If
      // it is, it sends the same lines again, and a trial that has a record gets no second one.
      for (const trial of batch.trials.filter(isOver)) await this.#record(suite, trial, reader, sink);
    }
    const open = batch.trials.filter((trial) => !isOver(trial));
    for (const trial of open.filter(({ attempt }) => attempt >= mostAttempts))
      await sink.record(recordOfSkipped(trial, "never-began", this.#location(suite)));
    await this.#state.note({ kind: "read", machine: this.name, batch: batch.batch });
    return open.filter(({ attempt }) => attempt < mostAttempts);
  }

  async #record(suite: PlannedSuite, trial: Trial, reader: BatchReader, sink: RecordSink): Promise<void> {
    const ended = reader.ended(trial);
    if (ended === undefined) return;
    const watch = { startedAt: reader.begunAt(trial), batch: reader.watched, seen_s: reader.seen_s(trial) };
    const record = recordOfEnded(trial, ended, watch, this.#location(suite));
    this.facts = this.#readings.take(this.facts, readingsOf(ended, watch.batch));
    const judged = reader.rebooted ? { ...record, tainted: [...record.tainted, "rebooted"] } : record;
    if (judged.status !== "completed" && judged.status !== "skipped")
      await keepTrialLog(this.name, trial, ended, { sink, observe: this.#options.observe });
    await sink.record(judged);
  }

  async #readLines(suite: PlannedSuite, batch: Batch, reader: BatchReader, elapsed_s?: () => number): Promise<void> {
    const { trials } = batch;
    await this.#follow(batch, trialsBatchText(suite, trials), this.expected_s(trials), async (line) => {
      const { trial, ended } = reader.take(line, elapsed_s?.()) ?? {};
      if (trial === undefined || ended === undefined) return;
      this.#times.take(trial, ended);
    });
    this.#times.takeBeside(suite.name, reader.besideTrial_s);
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
          text: `${this.name}: removed what no run had used for a week: ${printable(line.removed)}`,
        });
      await onLine(line);
    };
    await this.agent.batch(batch, plan, expect_s, take, (id, text) => this.#progress.report(id, text));
  }

  #location(suite: PlannedSuite): TrialLocation {
    const own = this.#options.ownSuites?.has(suite.name) === true;
    return { machine: this.agent.machine, facts: this.facts, suite, own };
  }

  /** Logs a batch under a unique name before it is sent, so that a later client can ask for it again. */
  async #newBatch(suite: PlannedSuite, what: string, plan: string, trials: readonly Trial[]): Promise<Batch> {
    const number = this.#state.batches(this.name) + 1;
    const batch: Batch = {
      kind: "batch",
      machine: this.name,
      batch: `${suite.name}.${what}.b${number}`,
      suite: suite.name,
      plan: sha256(plan),
      trials: [...trials],
    };
    await this.#state.note(batch);
    return batch;
  }
}
