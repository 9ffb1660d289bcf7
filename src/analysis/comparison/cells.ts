// Computes the cell of one side of one row: its time, and how many of its runs count.

import { isTooShort } from "./clock-resolution.ts";
import type { CellResult, CellStatus, MachineTime, Metric } from "./comparison.ts";
import { coarsestClock, exclusionReasonOf, machineRuns, withMetric } from "./kept-records.ts";
import { type KeptMachine, keptSide } from "./kept-runs.ts";
import { medianInterval } from "../statistics/median-interval.ts";
import type { MachineTrials } from "./paired-rows.ts";
import { geometricMean } from "../statistics/samples.ts";

/**
 * Computes the cell of a side's machines. Machines where more than half of the runs failed do not count, unless there
 * are no others: then the cell has their time and the status `few`.
 */
export function cellOf(all: readonly MachineTrials[], metric: Metric): CellResult {
  const machines = withMetric(all, metric);
  const records = machines.flatMap(({ trials }) => trials);
  const used = usedMachines(machines, metric);
  const kept = used.reduce((sum, { times_s }) => sum + times_s.length, 0);
  const reasons = reasonsOf(machines, used);
  const short = isTooShort(used, coarsestClock(records, metric));
  const status = statusOf({ kept, of: records.length, short, reasons });
  const timed = status === "ok" || status === "few";
  return {
    time_s: timed ? geometricMean(used.map(({ median_s }) => median_s)) : null,
    kept,
    of: records.length,
    status,
    reasons,
    machines: timed ? used.map(machineTime) : [],
  };
}

function usedMachines(machines: readonly MachineTrials[], metric: Metric): readonly KeptMachine[] {
  const runs = machines.map((machine) => machineRuns(machine, metric));
  const sound = keptSide(runs).machines;
  if (sound.length > 0) return sound;
  return keptSide(runs.map((machine) => ({ ...machine, runs: machine.runs.filter((run) => run.time_s !== null) })))
    .machines;
}

function reasonsOf(machines: readonly MachineTrials[], used: readonly KeptMachine[]): Record<string, number> {
  const names = new Set(used.map(({ machine }) => machine));
  const reasons = machines.flatMap(({ machine, trials }) =>
    trials.map((record) => exclusionReasonOf(record) ?? (names.has(machine) ? null : "mostly-failed")),
  );
  return tally(reasons.filter((reason) => reason !== null));
}

/** Counts each word, the commonest first. */
function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

function statusOf(cell: Pick<CellResult, "kept" | "of" | "reasons"> & { readonly short: boolean }): CellStatus {
  if (cell.kept === 0) return commonest(cell.reasons);
  if (cell.short) return "short";
  return 2 * cell.kept < cell.of ? "few" : "ok";
}

/** Returns the commonest reason as a status; of equally common ones the first in the order below. */
function commonest(reasons: CellResult["reasons"]): CellStatus {
  const counts = { fail: 0, "t/o": 0, tainted: 0, "not-run": 0 };
  for (const [reason, count] of Object.entries(reasons)) counts[statusByReason[reason] ?? "tainted"] += count;
  const most = Math.max(...Object.values(counts));
  if (most === 0) return "not-run";
  return (Object.keys(counts) as (keyof typeof counts)[]).find((status) => counts[status] === most) ?? "not-run";
}

const statusByReason: Readonly<Record<string, "fail" | "t/o" | "not-run">> = {
  failed: "fail",
  "check-failed": "fail",
  unchecked: "fail",
  "timed-out": "t/o",
  "not run after a failure": "fail",
  "not-run": "not-run",
};

function machineTime({ machine, median_s, times_s }: KeptMachine): MachineTime {
  const interval = medianInterval(times_s);
  return { machine, median_s, lo_s: interval?.lo ?? null, hi_s: interval?.hi ?? null, kept: times_s.length };
}
