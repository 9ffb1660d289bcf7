// Lists the runs of each row of the table: plots show them, and readers can check cells with them.

import { defined } from "../../domain/defined.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { soundReadings } from "../../domain/run/processor-readings.ts";
import { taintContradictions } from "./contradictions.ts";
import { exclusionReasonOf } from "./kept-records.ts";
import { type MachineTrials, type PairedRow, pairedRows, type Pairing } from "./paired-rows.ts";

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

/** Returns the runs of each row that `analyse` makes of the same records, in its order: by side, machine and round. */
export function rowRuns(given: readonly AnyRecord[], pairing: Pairing): RowRun[][] {
  const records = taintContradictions(given);
  const counted = pairedRows(records, pairing);
  // Rows are split before warm-up is dropped, so the rows are the same without dropping it.
  const all = pairedRows(records, { ...pairing, warmup: () => 0 });
  return all.map((row, i) => {
    const afterWarmUp = new Set(machinesOf(counted[i]).flatMap(({ trials }) => trials));
    return machinesOf(row).flatMap(({ trials }) =>
      trials.map((record) => runOf(record, afterWarmUp.has(record) ? exclusionReasonOf(record) : "warm-up")),
    );
  });
}

function machinesOf(row: PairedRow | undefined): MachineTrials[] {
  return row === undefined ? [] : [...row.sides.values()].flat();
}

function runOf(record: AnyRecord, left_out: string | null): RowRun {
  const { side, machine, round } = record;
  const started_at = "started_at" in record ? record.started_at : undefined;
  return {
    side,
    machine,
    round,
    ...defined({ started_at }),
    ...timesOf(record),
    ...readingsOf(record),
    left_out,
  };
}

function readingsOf(record: AnyRecord): Pick<RowRun, "batch" | "clock_hz_before" | "clock_hz_after" | "counts"> {
  if (record.status !== "completed") return {};
  // A stored record may be from elsewhere.
  const { readings } = soundReadings(record);
  const { clock_hz_before, clock_hz_after, counted, cycles, instructions } = readings;
  const { counters_enabled_s = 0, counters_running_s = 0 } = readings;
  return {
    ...defined({ batch: record.batch, clock_hz_before, clock_hz_after }),
    ...(counted === undefined || cycles === undefined || instructions === undefined
      ? {}
      : { counts: { counted, cycles, instructions, multiplexed: counters_running_s < counters_enabled_s } }),
  };
}

function timesOf(record: AnyRecord): Pick<RowRun, "real_s" | "cpu_s"> {
  switch (record.status) {
    case "completed":
      return { real_s: record.real_s, cpu_s: record.user_s + record.system_s };
    case "published":
      return { real_s: record.real_s ?? null, cpu_s: record.cpu_s ?? record.user_s ?? null };
    default:
      return { real_s: null, cpu_s: null };
  }
}
