// State of a run, rebuilt from course.ndjson. Each step is written there before it is taken.

import { defined } from "../../domain/defined.ts";
import type { Batch, RunLogEntry, RunMachine, Trial } from "../../domain/run/run-log.ts";
import { budgetCut, budgetUnpaid, type TrialRecord, isFailure } from "../../domain/run/trial-record.ts";
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

  /** By name: the machines that this client logs as acquired. */
  readonly #logged = new Map<string, Promise<void>>();

  #wentWrong = false;

  constructor(store: Pick<RunStore, "note" | "append" | "runLog">, records: Iterable<TrialRecord>) {
    this.#store = store;
    this.#entries = [...store.runLog];
    for (const entry of this.#entries) this.#count(entry);
    for (const record of records) this.#remember(record);
  }

  /** Machines that were acquired and are not gone, without those of lots. */
  get machines(): RunMachine[] {
    return this.#inHand(({ lot }) => lot === undefined);
  }

  /** Machines that were launched for a trial each, and not yet given back. */
  get lots(): RunMachine[] {
    return this.#inHand(({ lot }) => lot !== undefined);
  }

  /** The next unused lot number. */
  get nextLot(): number {
    return Math.max(0, ...this.#of("machines").map(({ lot = 0 }) => lot)) + 1;
  }

  /** Machines that were acquired and are gone, without those of lots, which had one trial each. */
  get gone(): RunMachine[] {
    const gone = new Set(this.#of("gone").map(({ machine }) => machine));
    const steady = this.#of("machines").flatMap(({ lot, machines }) => (lot === undefined ? machines : []));
    return steady.filter(({ machine }) => gone.has(machine.name));
  }

  /** The next unused slot number. */
  get nextSlot(): number {
    return Math.max(-1, ...this.#ever().map(({ slot }) => slot)) + 1;
  }

  /** Returns how many machines the side has had in all. */
  everOf(side: string): number {
    return this.#ever().filter(({ machine }) => machine.side === side).length;
  }

  /** Returns the number for the name of the side's next machine: no machine of it has had one so high. */
  nextNumber(side: string): number {
    const names = this.#ever().flatMap(({ machine }) => (machine.side === side ? [machine.name] : []));
    return Math.max(names.length, ...names.map((name) => Number(/-(\d{1,9})$/.exec(name)?.[1] ?? 0))) + 1;
  }

  get finished(): boolean {
    return this.#of("finished").length > 0;
  }

  /** Whether any record is a failure that a person would want to look into on its machine. */
  get wentWrong(): boolean {
    return this.#wentWrong;
  }

  /** Returns the value that calibration chose for `auto`; undefined where it has chosen none. */
  parameter(suite: string, name: string): string | undefined {
    return this.#of("parameter").find((entry) => entry.suite === suite && entry.name === name)?.value;
  }

  /** Returns why the suite's rounds ended; undefined where they have not, or the spec gives their number. */
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

  /** Returns the next unused attempt number of `trial` on the machine; always 1 for calibration, which is round 0. */
  nextAttempt(machine: string, trial: Trial): number {
    if (trial.round === 0) return 1;
    return (this.#attempts.get(machine)?.get(trialId(trial)) ?? 0) + 1;
  }

  /** Returns how many batches were sent to the machine. */
  batches(machine: string): number {
    return this.#batches.get(machine) ?? 0;
  }

  /** Returns how many cleanups of `suite` were sent to the machine. */
  cleanups(machine: string, suite: string): number {
    return this.#of("batch").filter((entry) => entry.machine === machine && entry.batch.startsWith(`${suite}.cleanup.`))
      .length;
  }

  /** Returns the batch with this plan, of a step that is no trial, if it was sent before. */
  sent(machine: string, plan: string): Batch | undefined {
    const digest = sha256(plan);
    return this.#of("batch").find((entry) => entry.machine === machine && entry.plan === digest);
  }

  /**
   * Returns the batches of trials that were not read to the end, in order, without calibration (round 0), which has no
   * records.
   */
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

  /** Returns the reason of a trial that the budget left without a record: whether it had been sent to the machine. */
  budgetReason(machine: string, trial: Pick<Trial, "suite" | "row" | "impl" | "round">): string {
    const sent = this.unread(machine, trial.suite).flatMap(({ trials }) => trials.map(trialId));
    return sent.includes(trialId(trial)) ? budgetCut : budgetUnpaid;
  }

  /**
   * Logs `machines` as acquired together, as lot `lot` if given, those aside that this client has logged. Returns them with
   * their slots, once all are logged. Machines that were launched have a home folder each, and so one slot: they get the
   * same scripts then, which one call sends to many.
   */
  async acquired(
    machines: readonly Omit<RunMachine, "slot">[],
    { lot, slot: first = this.nextSlot }: { readonly lot?: number; readonly slot?: number } = {},
  ): Promise<readonly RunMachine[]> {
    const runMachines = machines.map((one, i) => ({ ...one, slot: one.booting === true ? first : first + i }));
    const open = runMachines.filter(({ machine }) => !this.#logged.has(machine.name));
    const logging =
      open.length === 0 ? Promise.resolve() : this.note({ kind: "machines", machines: open, ...defined({ lot }) });
    for (const { machine } of open) this.#logged.set(machine.name, logging);
    await Promise.all(runMachines.flatMap(({ machine }) => this.#logged.get(machine.name) ?? []));
    return runMachines;
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

  /** Stores `record`, unless its trial has one. Returns whether it was stored. */
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
