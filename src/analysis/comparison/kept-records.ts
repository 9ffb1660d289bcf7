// Which records may be counted, and what is read from them.

import type { AnyRecord } from "../../domain/published/figures.ts";
import type { Metric } from "./comparison.ts";
import type { MachineRuns } from "./kept-runs.ts";
import type { MachineTrials } from "./paired-rows.ts";

/** Why `record` is not counted, in a word of `Reasons`; null where it is: completed, checked and untainted; or published. */
export function exclusionReasonOf(record: AnyRecord): string | null {
  if (record.status === "published") return null;
  if (record.status === "skipped") return record.reason === "failed-before" ? "not run after a failure" : "not-run";
  if (record.status !== "completed") return record.status;
  if (record.check === "failed") return "check-failed";
  if (record.check === undefined) return "unchecked";
  return record.tainted[0] ?? null;
}

/** `machines` without the published figures that say nothing of `metric`: what was not printed is no run that failed. */
export function withMetric(machines: readonly MachineTrials[], metric: Metric): MachineTrials[] {
  const silent = (record: AnyRecord) => record.status === "published" && countedTime(record, metric) === null;
  return machines
    .map((machine) => ({ ...machine, trials: machine.trials.filter((record) => !silent(record)) }))
    .filter(({ trials }) => trials.length > 0);
}

/** A machine's runs of one metric, null where the record is not counted. */
export function machineRuns({ machine, trials }: MachineTrials, metric: Metric): MachineRuns {
  return { machine, runs: trials.map((record) => ({ round: record.round, time_s: countedTime(record, metric) })) };
}

/** Tick of the coarsest clock that `records` were timed with, in seconds; 0 where none says it. */
export function coarsestClock(records: readonly AnyRecord[], metric: Metric): number {
  const field = metric === "real" ? "real_resolution_s" : "cpu_resolution_s";
  return records.reduce((coarsest, record) => Math.max(coarsest, record[field] ?? 0), 0);
}

/** What the capture adds to each time of `records`, at most; CPU times are the step's own. Seconds. */
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
