// The trials of one row on one machine, and what is computed of them once for every comparison that the machine is in.

import type { NumberField } from "../../domain/records/record-fields.ts";
import { stretchesOf } from "../../domain/records/record-kinds.ts";
import type { Metric } from "../comparison/comparison.ts";
import type { JudgedRecords } from "../comparison/kept-records.ts";
import { type KeptOf, keptOf } from "../comparison/kept-runs.ts";
import { type CountedReadings, countedReadings, type CountedRuns, countedRuns } from "./counted-runs.ts";

/** One machine's trials of one row, by round; the last attempt of each. */
export class MachineTrials {
  readonly records: JudgedRecords;
  readonly machine: string;
  /** Indices of the records. */
  readonly trials: Uint32Array;
  /** The kinds of the trials, each once. */
  readonly kinds: readonly number[];
  readonly #kept: Partial<Record<Metric, KeptOf>> = {};
  #counted: CountedRuns | undefined;
  #readings: CountedReadings | undefined;
  readonly #most = new Map<NumberField, number>();
  readonly #silent: Partial<Record<Metric, boolean>> = {};

  constructor(records: JudgedRecords, machine: string, trials: Uint32Array) {
    this.records = records;
    this.machine = machine;
    this.trials = trials;
    const { of } = records.columns.kinds;
    this.kinds = [...new Set(stretchesOf(of, trials).map((k) => of[trials[k] as number] as number))];
  }

  /** Whether all of the trials count. */
  get allCount(): boolean {
    const { first } = this.records.columns.kinds;
    return this.kinds.every((kind) => this.records.counts(first[kind] as number));
  }

  /** The runs that count: verify asks for them time and again. */
  counted(): CountedRuns {
    this.#counted ??= countedRuns(this.records, this.#counting, this.trials.length);
    return this.#counted;
  }

  /** What the processor said of the same runs. */
  readings(): CountedReadings {
    this.#readings ??= countedReadings(this.records, this.#counting);
    return this.#readings;
  }

  /** The trials that count. */
  get #counting(): Uint32Array {
    return this.allCount ? this.trials : this.trials.filter((i) => this.records.counts(i));
  }

  /** What is kept of the trials. */
  kept(metric: Metric): KeptOf {
    this.#kept[metric] ??= keptOf({
      machine: this.machine,
      rounds: this.records.numbers("round", this.trials),
      times_s: this.allCount ? this.records.times(this.trials, metric) : this.records.countedTimes(this.trials, metric),
    });
    return this.#kept[metric];
  }

  /** The least and the greatest of the times that count, in seconds. Undefined where none does. */
  range(metric: Metric): readonly [number, number] | undefined {
    const sorted_s = this.kept(metric).machine?.ascending_s;
    return sorted_s === undefined ? undefined : [sorted_s[0] as number, sorted_s[sorted_s.length - 1] as number];
  }

  /** Whether these are published figures without a time of `metric`: a time that was not printed is not a failed run. */
  isSilent(metric: Metric): boolean {
    this.#silent[metric] ??= this.trials.every(
      (i) => this.records.isPublished(i) && Number.isNaN(this.records.time(i, metric)),
    );
    return this.#silent[metric];
  }

  /** The greatest number in `field` of the trials; 0 where there is none. */
  most(field: NumberField): number {
    let most = this.#most.get(field);
    if (most !== undefined) return most;
    const column = this.records.columns.number(field);
    if (column.isConstant) return Math.max(0, column.at(0) || 0);
    most = 0;
    const numbers = this.records.numbers(field, this.trials);
    for (let k = 0; k < numbers.length; k++) if ((numbers[k] as number) > most) most = numbers[k] as number;
    this.#most.set(field, most);
    return most;
  }
}

/** Returns the tick of the coarsest clock that timed `machines`, in seconds; 0 where no record states it. */
export function coarsestClock(machines: readonly MachineTrials[], metric: Metric): number {
  const field = metric === "real" ? "real_resolution_s" : "cpu_resolution_s";
  return machines.reduce((coarsest, machine) => Math.max(coarsest, machine.most(field)), 0);
}

/**
 * Returns the most seconds that the capture adds to each time of `machines`; 0 for CPU times, which are the step's own.
 */
export function fixedCost(machines: readonly MachineTrials[], metric: Metric): number {
  if (metric === "cpu") return 0;
  return machines.reduce((most, machine) => Math.max(most, machine.most("capture_fixed_s")), 0);
}

/** Removes published figures that have no time of `metric`. */
export function withMetric(machines: readonly MachineTrials[], metric: Metric): readonly MachineTrials[] {
  return machines.some((machine) => machine.isSilent(metric))
    ? machines.filter((machine) => !machine.isSilent(metric))
    : machines;
}
