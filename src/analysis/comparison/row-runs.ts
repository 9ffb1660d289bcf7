// Lists the runs of each row of the table: plots show them, and readers can check cells with them.

import type { AnyRecord } from "../../domain/published/figures.ts";
import type { RecordColumns, Records } from "../../domain/records/record-columns.ts";
import { isSoundClock, readingNames, soundReadings } from "../../domain/run/processor-readings.ts";
import { type CountedReadings, type CountedRuns, readingsLine } from "../trials/counted-runs.ts";
import type { MachineTrials } from "../trials/machine-trials.ts";
import { type RunColumns, runColumns } from "../trials/run-columns.ts";
import type { Metric } from "./comparison.ts";
import { JudgedRecords } from "./kept-records.ts";
import { type GroupedRow, pairedRows, type Pairing } from "./paired-rows.ts";

/** The last attempt of one trial. Its times are set where it completed, whether or not it counts. */
export interface RowRun {
  readonly side: string;
  readonly machine: string;
  readonly round: number;
  /** ISO 8601; absent where the machine did not report it. */
  readonly started_at?: string;
  readonly real_s: number | null;
  /** user + system. */
  readonly cpu_s: number | null;
  /** Name of the run's batch on its machine; absent in runs of earlier versions. */
  readonly batch?: string;
  /** The clock just before and just after the run's batch. Hz; absent where it was not measured. */
  readonly clock_hz_before?: number;
  readonly clock_hz_after?: number;
  /** The processor's counts of the run; absent where there are none, or impossible ones. */
  readonly counts?: RunCounts;
  /** Why the run does not count: `warm-up`, or a word of `Reasons`; null where it counts. */
  readonly left_out: string | null;
}

/** What the processor counted over a run. */
export interface RunCounts {
  readonly counted: "user" | "user+kernel";
  readonly cycles: number;
  readonly instructions: number;
  /** Whether the counters had to share their hardware: the counts are then of a part of the run. */
  readonly multiplexed: boolean;
}

/** The runs of one row, by side, machine and round. A run is made an object when it is asked for. */
export interface RowRuns extends Iterable<RowRun> {
  /** Number of all runs. */
  readonly length: number;
  /** Whether any run has a clock or counts. */
  readonly hasReadings: boolean;
  /** Returns the runs of one machine of a side, or the first `most` of them. */
  of(side: string, machine: string, most?: number): readonly RowRun[];
  /** Returns the same by column, of every `oneOf` runs the first. Undefined where there are none. */
  columns(side: string, machine: string, oneOf: number): RunColumns | undefined;
  /** How many runs are left out, warm-up apart, by the word that says why; in the order of the runs. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Names of the machines of `side` that have runs. */
  machines(side: string): readonly string[];
  /** Returns the times of those runs of a machine that count. Undefined where it has no runs after warm-up. */
  counted(side: string, machine: string): CountedRuns | undefined;
  /** Returns the readings of the same runs, in the same order. Undefined where there are no runs. */
  readings(side: string, machine: string): CountedReadings | undefined;
  /** Returns the least and the greatest time of `side` that counts, in seconds. Undefined where none does. */
  range(side: string, metric: Metric): readonly [number, number] | undefined;
}

/** The runs of a row, made of its trials. */
export class GroupedRuns implements RowRuns {
  readonly #row: GroupedRow;
  /** By side and machine. */
  readonly #machines = {
    all: new Map<string, ReadonlyMap<string, MachineTrials>>(),
    sides: new Map<string, ReadonlyMap<string, MachineTrials>>(),
  };

  constructor(row: GroupedRow) {
    this.#row = row;
  }

  get length(): number {
    let length = 0;
    for (const machines of this.#row.all.values()) for (const { trials } of machines) length += trials.length;
    return length;
  }

  *[Symbol.iterator](): Generator<RowRun> {
    for (const [side, machines] of this.#row.all) for (const machine of machines) yield* this.#runsOf(side, machine);
  }

  get hasReadings(): boolean {
    const [machines = []] = this.#row.all.values();
    const columns = machines[0]?.records.columns;
    return columns !== undefined && readingNames.some((name) => columns.all.get(name)?.isAbsent === false);
  }

  of(side: string, machine: string, most = Infinity): RowRun[] {
    const own = this.#machine("all", side, machine);
    const found: RowRun[] = [];
    if (own === undefined || most < 1) return found;
    for (const run of this.#runsOf(side, own)) if (found.push(run) >= most) break;
    return found;
  }

  columns(side: string, machine: string, oneOf: number): RunColumns | undefined {
    const own = this.#machine("all", side, machine);
    return own === undefined ? undefined : runColumns(own.records, own.trials, this.#warmUp(side, own), oneOf);
  }

  get leftOut(): ReadonlyMap<string, number> {
    const words = new Map<string, number>();
    for (const machines of this.#row.sides.values())
      for (const { records, trials, allCount } of machines) {
        if (allCount) continue;
        for (const i of trials) {
          const word = records.reason(i);
          if (word !== null) words.set(word, (words.get(word) ?? 0) + 1);
        }
      }
    return words;
  }

  machines(side: string): string[] {
    return (this.#row.all.get(side) ?? []).map(({ machine }) => machine);
  }

  counted(side: string, machine: string): CountedRuns | undefined {
    const own = this.#machine("sides", side, machine);
    return own?.counted();
  }

  readings(side: string, machine: string): CountedReadings | undefined {
    const own = this.#machine("sides", side, machine);
    return own?.readings();
  }

  /** Returns the trials of a machine: all, or those after warm-up. */
  #machine(which: "all" | "sides", side: string, machine: string): MachineTrials | undefined {
    let known = this.#machines[which].get(side);
    if (known === undefined) {
      known = new Map((this.#row[which].get(side) ?? []).map((one) => [one.machine, one]));
      this.#machines[which].set(side, known);
    }
    return known.get(machine);
  }

  range(side: string, metric: Metric): readonly [number, number] | undefined {
    const ranges = (this.#row.sides.get(side) ?? []).flatMap((machine) => {
      const range = machine.range(metric);
      return range === undefined ? [] : [range];
    });
    if (ranges.length === 0) return undefined;
    return [
      ranges.reduce((least, [from]) => Math.min(least, from), Infinity),
      ranges.reduce((most, [, to]) => Math.max(most, to), 0),
    ];
  }

  /** Returns the clocks of the runs of `side` that have both, by machine and batch; those of runs in a row that share them once. */
  clocks(side: string): readonly ClocksOfBatch[] {
    return (this.#row.all.get(side) ?? []).flatMap(clocksOf);
  }

  /** How many runs of `machine` are warm-up: they come first. */
  #warmUp(side: string, { machine, trials }: MachineTrials): number {
    return trials.length - (this.#machine("sides", side, machine)?.trials.length ?? 0);
  }

  *#runsOf(side: string, machine: MachineTrials): Generator<RowRun> {
    const { records, trials } = machine;
    const warmup = this.#warmUp(side, machine);
    for (let k = 0; k < trials.length; k++) {
      const i = trials[k] as number;
      yield runOf(records, i, k < warmup ? "warm-up" : records.reason(i));
    }
  }
}

/** The clocks just before and just after a batch. Hz. */
export interface ClocksOfBatch {
  readonly machine: string;
  /** Id of the batch's name. */
  readonly batch: number;
  readonly before_hz: number;
  readonly after_hz: number;
}

function clocksOf({ machine, records, trials }: MachineTrials): ClocksOfBatch[] {
  const { columns } = records;
  const [before, after] = columns.numbers("clock_hz_before", "clock_hz_after");
  if (before.isAbsent || after.isAbsent) return [];
  const [befores, afters] = [records.numbers("clock_hz_before", trials), records.numbers("clock_hz_after", trials)];
  const batches = records.batches(trials);
  const kinds = columns.kinds.of;
  const found: ClocksOfBatch[] = [];
  for (let k = 0; k < trials.length; k++) {
    if (k > 0 && batches[k] === batches[k - 1] && befores[k] === befores[k - 1] && afters[k] === afters[k - 1]) {
      // The runs of a batch share its clocks; what became of them they do not share.
      if (kinds[trials[k] as number] === kinds[trials[k - 1] as number]) continue;
    }
    const [before_hz, after_hz] = [befores[k] as number, afters[k] as number];
    if (records.isCompleted(trials[k] as number) && isSoundClock(before_hz) && isSoundClock(after_hz))
      found.push({ machine, batch: batches[k] as number, before_hz, after_hz });
  }
  return found;
}

/** Returns the runs of each row that `analyse` makes of the same records, in its order: by side, machine and round. */
export function rowRuns(given: Records<AnyRecord>, pairing: Pairing): GroupedRuns[] {
  return pairedRows(new JudgedRecords(given), pairing).map((row) => new GroupedRuns(row));
}

function runOf(records: JudgedRecords, i: number, left_out: string | null): RowRun {
  const { columns } = records;
  // Field by field: to spread parts of it took half of what a page of many runs costs.
  const run: { -readonly [Field in keyof RowRun]?: RowRun[Field] } = {
    side: columns.word("side").word(i),
    machine: columns.word("machine").word(i),
    round: columns.number("round").at(i),
  };
  const started_at = columns.startedAt.at(i);
  if (started_at !== undefined) run.started_at = started_at;
  const [real_s, cpu_s] = [records.time(i, "real"), records.time(i, "cpu")];
  run.real_s = Number.isNaN(real_s) ? null : real_s;
  run.cpu_s = Number.isNaN(cpu_s) ? null : cpu_s;
  if (records.isCompleted(i)) {
    const batch = columns.word("batch").at(i);
    if (batch !== undefined) run.batch = batch;
    // A stored record may be from elsewhere.
    const [before, after] = [columns.number("clock_hz_before").at(i), columns.number("clock_hz_after").at(i)];
    if (isSoundClock(before)) run.clock_hz_before = before;
    if (isSoundClock(after)) run.clock_hz_after = after;
    const counts = countsOf(columns, i);
    if (counts !== undefined) run.counts = counts;
  }
  run.left_out = left_out;
  return run as RowRun;
}

function countsOf(columns: RecordColumns, i: number): RunCounts | undefined {
  if (columns.word("counted").at(i) === undefined) return undefined;
  const { counted, cycles, instructions, ...spans } = soundReadings(readingsLine(columns, i)).readings;
  if (counted === undefined || cycles === undefined || instructions === undefined) return undefined;
  const { counters_enabled_s = 0, counters_running_s = 0 } = spans;
  return { counted, cycles, instructions, multiplexed: counters_running_s < counters_enabled_s };
}
