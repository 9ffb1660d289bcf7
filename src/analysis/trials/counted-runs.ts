// What the runs of one machine that count say, by column: to compute from a million runs makes no object of any.

import type { RecordColumns } from "../../domain/records/record-columns.ts";
import { type ReadingName, readingNames, soundReadings } from "../../domain/run/processor-readings.ts";
import type { JudgedRecords } from "../comparison/kept-records.ts";

/** The runs of one row on one machine that count. Each column has a number for each of them, in their order. */
export interface CountedRuns {
  /** Number of all runs after warm-up, whether or not they count. */
  readonly of: number;
  readonly rounds: Float64Array;
  /** Seconds; NaN where a published figure has none. */
  readonly real_s: Float64Array;
  /** user + system. Seconds; NaN where a published figure has none. */
  readonly cpu_s: Float64Array;
}

/** What the processor of one machine said of the runs of one row that count. NaN: it said nothing, or what cannot be. */
export interface CountedReadings {
  /** The run's batch on its machine, as a number; 0 in runs of earlier versions. */
  readonly batches: Uint32Array;
  /** The clock just before and just after the run's batch. Hz. */
  readonly clock_hz_before: Float64Array;
  readonly clock_hz_after: Float64Array;
  readonly cycles: Float64Array;
  readonly instructions: Float64Array;
  /** What the counts of the runs include; `nothing` where a run has no counts. */
  readonly counted: ReadonlySet<"user" | "user+kernel" | "nothing">;
  /** Whether the counters of any run had to share their hardware. */
  readonly multiplexed: boolean;
}

/** Returns the times of `counting`, the trials that count of `of` after warm-up. */
export function countedRuns(records: JudgedRecords, counting: Uint32Array, of: number): CountedRuns {
  return {
    of,
    rounds: records.numbers("round", counting),
    real_s: records.times(counting, "real"),
    cpu_s: records.times(counting, "cpu"),
  };
}

/** Returns the readings of `counting`, the trials after warm-up that count. */
export function countedReadings(records: JudgedRecords, counting: Uint32Array): CountedReadings {
  return {
    batches: records.batches(counting),
    clock_hz_before: records.clocks("clock_hz_before", counting),
    clock_hz_after: records.clocks("clock_hz_after", counting),
    ...countsOf(records, counting),
  };
}

/** Returns the clock around each run's batch: the mean of before and after, or the one that is known. Hz; NaN where none is. */
export function clocksAround(before_hz: Float64Array, after_hz: Float64Array): Float64Array {
  return before_hz.map((before, k) => {
    const after = after_hz[k] as number;
    if (Number.isNaN(before)) return after;
    return Number.isNaN(after) ? before : (before + after) / 2;
  });
}

type Counts = Pick<CountedReadings, "cycles" | "instructions" | "counted" | "multiplexed">;

function countsOf(records: JudgedRecords, counting: Uint32Array): Counts {
  const { columns } = records;
  const kinds = new Set<"user" | "user+kernel" | "nothing">();
  if (!haveCounts(columns)) {
    if (counting.length > 0) kinds.add("nothing");
    const none = records.numbers("cycles", counting);
    return { cycles: none, instructions: none, counted: kinds, multiplexed: false };
  }
  const cycles = new Float64Array(counting.length);
  const instructions = new Float64Array(counting.length);
  let multiplexed = false;
  for (let k = 0; k < counting.length; k++) {
    const { readings } = soundReadings(readingsLine(columns, counting[k] as number));
    const { counted = "nothing", counters_enabled_s = 0, counters_running_s = 0 } = readings;
    kinds.add(counted);
    multiplexed ||= counters_running_s < counters_enabled_s;
    cycles[k] = readings.cycles ?? Number.NaN;
    instructions[k] = readings.instructions ?? Number.NaN;
  }
  return { cycles, instructions, counted: kinds, multiplexed };
}

/** Whether any record has counts, sound or not. */
function haveCounts(columns: RecordColumns): boolean {
  return readingNames.some((name) => !name.startsWith("clock_") && columns.all.get(name)?.isAbsent === false);
}

/** Returns what record `i` says of its processor, sound or not. */
export function readingsLine(columns: RecordColumns, i: number): Partial<Record<ReadingName, string | number>> {
  const line: Partial<Record<ReadingName, string | number>> = {};
  for (const name of readingNames) {
    const value = name === "counted" ? columns.word(name).at(i) : columns.number(name).at(i);
    if (value !== undefined && !Number.isNaN(value)) line[name] = value;
  }
  return line;
}
