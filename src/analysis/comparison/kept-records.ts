// Decides which records count, and reads their times.

import type { AnyRecord } from "../../domain/published/figures.ts";
import type { Metric } from "./comparison.ts";
import type { MachineRuns } from "./kept-runs.ts";
import type { MachineTrials } from "./paired-rows.ts";

/**
 * Returns why `record` does not count, as a word of `Reasons`. Null where it counts: it is completed, checked and
 * untainted, or it is published.
 */
export function exclusionReasonOf(record: AnyRecord): string | null {
  if (record.status === "published") return null;
  if (record.status === "skipped") return record.reason === "failed-before" ? "not run after a failure" : "not-run";
  if (record.status !== "completed") return record.status;
  if (record.check === "failed") return "check-failed";
  if (record.check === undefined) return "unchecked";
  return record.tainted[0] ?? null;
}

/** Removes published figures that have no time of `metric`: a time that was not printed is not a failed run. */
export function withMetric(machines: readonly MachineTrials[], metric: Metric): MachineTrials[] {
  const silent = (record: AnyRecord) => record.status === "published" && countedTime(record, metric) === null;
  return machines
    .map((machine) => ({ ...machine, trials: machine.trials.filter((record) => !silent(record)) }))
    .filter(({ trials }) => trials.length > 0);
}

/** Returns a machine's runs of one metric; a time is null where the record does not count. */
export function machineRuns({ machine, trials }: MachineTrials, metric: Metric): MachineRuns {
  return { machine, runs: trials.map((record) => ({ round: record.round, time_s: countedTime(record, metric) })) };
}

/** Returns the tick of the coarsest clock that timed `records`, in seconds; 0 where no record states it. */
export function coarsestClock(records: readonly AnyRecord[], metric: Metric): number {
  const field = metric === "real" ? "real_resolution_s" : "cpu_resolution_s";
  return records.reduce((coarsest, record) => Math.max(coarsest, record[field] ?? 0), 0);
}

/**
 * Returns the most seconds that the capture adds to each time of `records`; 0 for CPU times, which are the step's own.
 */
export function fixedCost(records: readonly AnyRecord[], metric: Metric): number {
  if (metric === "cpu") return 0;
  return records.reduce(
    (most, record) => Math.max(most, record.status === "published" ? 0 : (record.capture_fixed_s ?? 0)),
    0,
  );
}

function countedTime(record: AnyRecord, metric: Metric): number | null {
  if (record.status === "published")
    return (metric === "real" ? record.real_s : (record.cpu_s ?? record.user_s)) ?? null;
  if (record.status !== "completed" || exclusionReasonOf(record) !== null) return null;
  return metric === "real" ? record.real_s : record.user_s + record.system_s;
}
