// Computes the cell of one side of one row: its time, and how many of its runs count.

import { isTooShort } from "./clock-resolution.ts";
import type { CellResult, CellStatus, MachineTime, Metric } from "./comparison.ts";
import { countingSide, type KeptMachine } from "./kept-runs.ts";
import { medianInterval } from "../statistics/median-interval.ts";
import { coarsestClock, type MachineTrials, withMetric } from "../trials/machine-trials.ts";
import { geometricMean } from "../statistics/samples.ts";

/**
 * Computes the cell of a side's machines. Machines where more than half of the runs failed do not count, unless there
 * are no others: then the cell has their time and the status `few`.
 */
export function cellOf(all: readonly MachineTrials[], metric: Metric): CellResult {
  const machines = withMetric(all, metric);
  const of = machines.reduce((sum, { trials }) => sum + trials.length, 0);
  const used = usedMachines(machines, metric);
  const kept = used.reduce((sum, { times_s }) => sum + times_s.length, 0);
  const reasons = reasonsOf(machines, used);
  const short = isTooShort(used, coarsestClock(machines, metric));
  const status = statusOf({ kept, of, short, reasons });
  const timed = status === "ok" || status === "few";
  return {
    time_s: timed ? geometricMean(used.map(({ median_s }) => median_s)) : null,
    kept,
    of,
    status,
    reasons,
    machines: timed ? used.map(machineTime) : [],
  };
}

function usedMachines(machines: readonly MachineTrials[], metric: Metric): readonly KeptMachine[] {
  const all = machines.map((machine) => machine.kept(metric));
  const sound = countingSide(all).machines;
  return sound.length > 0 ? sound : all.flatMap(({ machine }) => machine ?? []);
}

function reasonsOf(machines: readonly MachineTrials[], used: readonly KeptMachine[]): Record<string, number> {
  const names = new Set(used.map(({ machine }) => machine));
  const counts = new Map<string, number>();
  const add = (reason: string): void => void counts.set(reason, (counts.get(reason) ?? 0) + 1);
  for (const { machine, trials, records, allCount } of machines) {
    const isUsed = names.has(machine);
    if (isUsed && allCount) continue;
    for (const i of trials) {
      const reason = records.reason(i);
      if (reason !== null) add(reason);
      else if (!isUsed) add("mostly-failed");
    }
  }
  return tally(counts);
}

/** Returns `counts` with the commonest first. */
function tally(counts: ReadonlyMap<string, number>): Record<string, number> {
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

function machineTime({ machine, median_s, times_s, ascending_s }: KeptMachine): MachineTime {
  const interval = medianInterval(times_s, ascending_s);
  return { machine, median_s, lo_s: interval?.lo ?? null, hi_s: interval?.hi ?? null, kept: times_s.length };
}
