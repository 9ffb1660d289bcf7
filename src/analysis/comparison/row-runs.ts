// Lists the runs of each row of the table: plots show them, and readers can check cells with them.

import { defined } from "../../domain/defined.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
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
  /** Why the run does not count: `warm-up`, or a word of `Reasons`; null where it counts. */
  readonly left_out: string | null;
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
    left_out,
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
