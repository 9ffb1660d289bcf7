// Says how the times of one row came about: which runs count on which machines, and what became of them.

import type { CellResult, ComparedRow, MachineTime, Metric } from "../../analysis/comparison/comparison.ts";
import type { RowRun } from "../../analysis/comparison/row-runs.ts";
import { countOf } from "../../analysis/compare-tests/test-notes.ts";
import { formatTime, type TimeUnit } from "../text/numbers.ts";
import { isMeasured, type ReportData } from "../report-data.ts";
import { leftOutText } from "./left-out.ts";

const metrics = ["real", "cpu"] as const satisfies readonly Metric[];

/** Returns sentences on the times of `row` on `side`, in `unit`. `runs`: all runs of the row. */
export function timeSentences(
  report: ReportData,
  row: ComparedRow,
  side: string,
  { runs, unit }: { readonly runs: readonly RowRun[]; readonly unit: TimeUnit },
): string[] {
  if (!isMeasured(report, side)) return [`${side}: published figures. They are one figure each, without runs.`];
  const own = runs.filter((run) => run.side === side);
  if (own.length === 0) return [`${side}: the row was not run.`];
  const counted = own.filter(({ left_out }) => left_out === null);
  const machines = new Set(own.map(({ machine }) => machine));
  return [
    `${side}: ${countOf(own.length, "run")} on ${countOf(machines.size, "machine")}, of which ${counted.length} count.`,
    ...leftOutSentences(side, own),
    ...metrics.flatMap((metric) => cellSentences(side, metric, row.cells[side]?.[metric], unit)),
  ];
}

/** The most runs that a sentence names. */
const mostNamed = 6;

function leftOutSentences(side: string, runs: readonly RowRun[]): string[] {
  const reasons = [...new Set(runs.flatMap(({ left_out }) => left_out ?? []))];
  return reasons.map((reason) => {
    const found = runs.filter(({ left_out }) => left_out === reason);
    const named = found.slice(0, mostNamed).map(({ machine, round }) => `round ${round} on ${machine}`);
    const more = found.length > mostNamed ? `, and ${found.length - mostNamed} more` : "";
    return `${side}: ${found.length} left out, ${leftOutText(reason)} (${named.join(", ")}${more}).`;
  });
}

function cellSentences(side: string, metric: Metric, cell: CellResult | undefined, unit: TimeUnit): string[] {
  const name = `${side}: ${metricName(metric)} time`;
  if (cell === undefined || cell.time_s === null)
    return cell?.status === "short"
      ? [`${name}: too short, since a median is under ten ticks of the clock or a time is 0.`]
      : [`${name}: none, since no run counts.`];
  const shown = (time_s: number): string => formatTime(time_s, unit);
  const median = ({ machine, median_s, lo_s, hi_s, kept }: MachineTime): string => {
    const interval = lo_s === null || hi_s === null ? "" : `, 95 % interval ${shown(lo_s)} to ${shown(hi_s)}`;
    return `${machine} ${shown(median_s)} (${countOf(kept, "run")}${interval})`;
  };
  const [only, another] = cell.machines;
  const few = cell.status === "few" ? [`${name}: fewer than half of its runs count, which the mark ! says.`] : [];
  if (only !== undefined && another === undefined) return [`${name}: the median of ${median(only)}.`, ...few];
  return [
    `${name}: ${shown(cell.time_s)}, the geometric mean of ${cell.machines.length} machines' medians: ${cell.machines.map(median).join(", ")}.`,
    ...few,
  ];
}

/** Returns the word for a metric within a sentence. */
export function metricName(metric: Metric): string {
  return metric === "real" ? "real" : "CPU";
}
