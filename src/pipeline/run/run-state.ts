// State of a run, rebuilt from course.ndjson. Every step is written there before it is taken.

import type { Batch, RunLogEntry, RunMachine, Trial } from "../../domain/run/run-log.ts";
import { type TrialRecord, isFailure } from "../../domain/run/trial-record.ts";
import type { StopReason } from "../../domain/plan/stopping-rule.ts";
import type { RunStore } from "../../ports/results.ts";
import { sha256 } from "../archive/archive.ts";
import { trialId } from "../agent/batch-text.ts";

export class RunState {
  readonly #store: Pick<RunStore, "note" | "append">;
  readonly #entries: RunLogEntry[];
  /** By machine: ids of trials that have a record. */
  readonly #recorded = new Map<string, Set<string>>();

  /** By machine, by trial id: the highest attempt that was sent. */
  readonly #attempts = new Map<string, Map<string, number>>();
  /** By machine: how many batches were sent. */
  readonly #batches = new Map<string, number>();

  #wentWrong = false;

  constructor(store: Pick<RunStore, "note" | "append" | "course">, records: readonly TrialRecord[]) {
    this.#store = store;
    this.#entries = [...store.course];
    for (const entry of this.#entries) this.#count(entry);
    for (const record of records) this.#remember(record);
  }

  /** The machines that are in hand, as far as it was told; those of lots are not among them. */
  get machines(): RunMachine[] {
    return this.#inHand(({ lot }) => lot === undefined);
  }

  /** Machines that were launched for a trial each, and not yet given back. */
  get lots(): RunMachine[] {
    return this.#inHand(({ lot }) => lot !== undefined);
  }

  /** One more than any lot that there was. */
  get nextLot(): number {
    return Math.max(0, ...this.#of("machines").map(({ lot = 0 }) => lot)) + 1;
  }

  /** Machines that were in hand and are no more; those of lots had a trial each, and are not among them. */
  get gone(): RunMachine[] {
    const gone = new Set(this.#of("gone").map(({ machine }) => machine));
    const steady = this.#of("machines").flatMap(({ lot, machines }) => (lot === undefined ? machines : []));
    return steady.filter(({ machine }) => gone.has(machine.name));
  }

  /** One more than any slot that was given. */
  get nextSlot(): number {
    return Math.max(-1, ...this.#ever().map(({ slot }) => slot)) + 1;
  }

  /** How many machines the side ever had. */
  everOf(side: string): number {
    return this.#ever().filter(({ machine }) => machine.side === side).length;
  }

  get finished(): boolean {
    return this.#of("finished").length > 0;
  }

  /** Whether there is a record that a person would want to look into on its machine. */
  get wentWrong(): boolean {
    return this.#wentWrong;
  }

  /** What `auto` was settled to; undefined where it was not. */
  parameter(suite: string, name: string): string | undefined {
    return this.#of("parameter").find((entry) => entry.suite === suite && entry.name === name)?.value;
  }

  /** How the suite's rounds ended; undefined where they have not, or were counted. */
  stopped(suite: string): StopReason | undefined {
    return this.#of("stopped").find((entry) => entry.suite === suite);
  }

  /** Whether `trial` has a record on any machine of `side`. */
  hasOn(side: string, trial: Pick<Trial, "suite" | "row" | "impl" | "round">): boolean {
    return this.#ever().some(({ machine }) => machine.side === side && this.has(machine.name, trial));
  }

  has(machine: string, trial: Pick<Trial, "suite" | "row" | "impl" | "round">): boolean {
    return this.#recorded.get(machine)?.has(trialId(trial)) ?? false;
  }

  /** The attempt under which the machine was never sent `trial`. Those of calibration, round 0, are all one. */
  nextAttempt(machine: string, trial: Trial): number {
    if (trial.round === 0) return 1;
    return (this.#attempts.get(machine)?.get(trialId(trial)) ?? 0) + 1;
  }

  /** How many batches the machine was sent. */
  batches(machine: string): number {
    return this.#batches.get(machine) ?? 0;
  }

  /** How often the machine was told to clean `suite` up. */
  cleanups(machine: string, suite: string): number {
    return this.#of("batch").filter((entry) => entry.machine === machine && entry.batch.startsWith(`${suite}.cleanup.`))
      .length;
  }

  /** The batch of a step that is no trial, by its plan, if it was sent before. */
  sent(machine: string, plan: string): Batch | undefined {
    const digest = sha256(plan);
    return this.#of("batch").find((entry) => entry.machine === machine && entry.plan === digest);
  }

  /** Batches of trials whose journals are not all in the records, in order. Round 0 is calibration: never recorded. */
  unread(machine: string, suite: string): Batch[] {
    const read = new Set(this.#of("read").flatMap((entry) => (entry.machine === machine ? [entry.batch] : [])));
    return this.#of("batch").filter(
      (entry) =>
        entry.machine === machine &&
        entry.suite === suite &&
        !read.has(entry.batch) &&
        entry.trials.some(({ round }) => round > 0),
    );
  }

  /** Notes `machines` as acquired together: as lot `lot`, if there is one. */
  async acquired(machines: readonly Omit<RunMachine, "slot">[], lot?: number): Promise<readonly RunMachine[]> {
    const first = this.nextSlot;
    const inHand = machines.map((one, i) => ({ ...one, slot: first + i }));
    await this.note({ kind: "machines", machines: inHand, ...(lot === undefined ? {} : { lot }) });
    return inHand;
  }

  async note(entry: RunLogEntry): Promise<void> {
    await this.#store.note(entry);
    this.#entries.push(entry);
    this.#count(entry);
  }

  #count(entry: RunLogEntry): void {
    if (entry.kind !== "batch") return;
    const { machine, trials } = entry;
    this.#batches.set(machine, this.batches(machine) + 1);
    const attempts = this.#attempts.get(machine) ?? new Map<string, number>();
    this.#attempts.set(machine, attempts);
    for (const trial of trials) {
      const id = trialId(trial);
      attempts.set(id, Math.max(attempts.get(id) ?? 0, trial.attempt));
    }
  }

  /** Stores `record`, unless its trial has one. */
  async record(record: TrialRecord): Promise<boolean> {
    if (this.has(record.machine, record)) return false;
    await this.#store.append(record);
    this.#remember(record);
    return true;
  }

  #remember(record: TrialRecord): void {
    this.#wentWrong ||= isFailure(record);
    const ids = this.#recorded.get(record.machine) ?? new Set<string>();
    this.#recorded.set(record.machine, ids.add(trialId(record)));
  }

  #inHand(which: (entry: Extract<RunLogEntry, { kind: "machines" }>) => boolean): RunMachine[] {
    const gone = new Set(this.#of("gone").map(({ machine }) => machine));
    const machines = this.#of("machines").flatMap((entry) => (which(entry) ? entry.machines : []));
    return machines.filter(({ machine }) => !gone.has(machine.name));
  }

  #ever(): RunMachine[] {
    return this.#of("machines").flatMap(({ machines }) => machines);
  }

  #of<K extends RunLogEntry["kind"]>(kind: K): Extract<RunLogEntry, { kind: K }>[] {
    return this.#entries.filter((entry): entry is Extract<RunLogEntry, { kind: K }> => entry.kind === kind);
  }
}
