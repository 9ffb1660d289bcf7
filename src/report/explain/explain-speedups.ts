// Says how a speedup came about: the quotient, its interval and method, and what the verdict allows for.

import type { ComparedRow, Geomean, Metric, SpeedupResult } from "../../analysis/comparison/comparison.ts";
import { formatSignificant, formatTime, type TimeUnit } from "../text/numbers.ts";
import { isMeasured, type ReportData } from "../report-data.ts";
import { countOf } from "../../analysis/compare-tests/test-notes.ts";
import { metricName } from "./explain-times.ts";

const metrics = ["real", "cpu"] as const satisfies readonly Metric[];

/** Returns sentences on the speedups of `row` for `contender`, with times in `unit`. */
export function speedupSentences(report: ReportData, row: ComparedRow, contender: string, unit: TimeUnit): string[] {
  return metrics.flatMap((metric) => ofMetric(report, row, contender, { metric, unit }));
}

function ofMetric(
  report: ReportData,
  row: ComparedRow,
  contender: string,
  { metric, unit }: { readonly metric: Metric; readonly unit: TimeUnit },
): string[] {
  const { baseline } = report.comparison;
  const speedup = row.speedups[contender]?.[metric];
  const name = `${contender} against ${baseline}, ${metricName(metric)} time`;
  const [b, c] = [baseline, contender].map((side) => row.cells[side]?.[metric]);
  if (speedup === undefined || speedup.value === null || b?.time_s == null || c?.time_s == null)
    return [
      `${name}: no speedup${speedup === undefined ? "" : `: ${speedup.notes.join("; ") || "a side has no time"}`}.`,
    ];
  const quotient = `${formatTime(b.time_s, unit)} / ${formatTime(c.time_s, unit)}`;
  const isPublished = [baseline, contender].some((side) => !isMeasured(report, side));
  return [
    `${name}: the speedup is ${quotient} = ${formatSignificant(speedup.value)}.`,
    intervalSentence(speedup, { machines: [b.machines.length, c.machines.length], isPublished }),
    ...(speedup.lo === null ? [] : captureSentences(report, contender, metric)),
    ...verdictSentences(report, speedup, contender, metric),
    // A published figure has notes of its own, which the sentence above replaces.
    ...speedup.notes.map((note) => `Noted: ${note}.`),
  ];
}

function intervalSentence(
  { lo, hi, scope }: SpeedupResult,
  {
    machines,
    isPublished,
  }: { readonly machines: readonly [number, number] | readonly number[]; readonly isPublished: boolean },
): string {
  if (lo === null || hi === null)
    return isPublished
      ? "It has no interval: published figures have no runs."
      : "It has no interval: that takes 6 kept runs on each machine, or machines of a type that differ.";
  const ends = `Its 95 % interval is ${formatSignificant(lo)} to ${formatSignificant(hi)}`;
  if (scope === "type")
    return `${ends}, by Welch's t on the logs of the medians of ${machines.join(" and ")} machines: each machine is one observation, no run is resampled, and the claim is on the types.`;
  return `${ends}, from the order statistics of each machine's runs (Hettmansperger and Sheather), joined by MOVER: no run is resampled, and the claim is on these machines alone.`;
}

/** Says how the clock and the cost of the capture widen the interval. */
function captureSentences({ machines, comparison }: ReportData, contender: string, metric: Metric): string[] {
  const facts = (side: string): ReportData["machines"][number]["facts"][] =>
    machines.filter((machine) => machine.side === side).map((machine) => machine.facts);
  const both = [facts(comparison.baseline), facts(contender)];
  const ticks_s = both.flat().map((one) => (metric === "real" ? one.real_resolution_s : one.cpu_resolution_s));
  const tick_s = Math.max(0, ...ticks_s);
  const fixed = both.map((side) => Math.max(0, ...side.map((one) => one.capture_fixed_s ?? 0)));
  return [
    ...(tick_s > 0 ? [`It reaches at least half a tick of the clock, which is ${tick_s} s, either way.`] : []),
    ...(metric === "real" && fixed[0] !== fixed[1]
      ? [
          `It also holds the speedup without what timing adds to each run: ${fixed.map((s) => `${Number((s * 1000).toPrecision(2))} ms`).join(" and ")}.`,
        ]
      : []),
  ];
}

/** What the verdict says, and how many rows it allows for. */
function verdictSentences(report: ReportData, speedup: SpeedupResult, contender: string, metric: Metric): string[] {
  const { p, p_adjusted, verdict } = speedup;
  if (p === null || p_adjusted === null) return [];
  const family = report.comparison.rows.filter((row) => row.speedups[contender]?.[metric].p != null).length;
  const adjusted =
    family > 1 ? `, ${probability(p_adjusted)} allowing for ${family} rows (Benjamini and Hochberg)` : "";
  const said =
    verdict === "faster" || verdict === "slower"
      ? `${contender} is ${verdict}: p is at most 0.05, and the interval excludes 1.`
      : "No difference is shown: that takes p of at most 0.05 and an interval that excludes 1.";
  return [`p is ${probability(p)}${adjusted}. ${said}`];
}

function probability(p: number): string {
  return p < 0.0001 ? "under 0.0001" : p.toFixed(4);
}

/** Returns sentences on the geometric mean of `contender`. */
export function meanSentences(contender: string, metric: Metric, mean: Geomean | null | undefined): string[] {
  const name = `${contender}, ${metricName(metric)} time`;
  if (mean == null) return [`${name}: no mean, since no row has an interval.`];
  const { value, lo, hi, scope, count, of, leave_one_out, decided_by_one_row } = mean;
  const interval =
    lo === null || hi === null
      ? "It has no interval: that takes 6 rounds in which every row was kept."
      : scope === "type"
        ? `Its 95 % interval is ${formatSignificant(lo)} to ${formatSignificant(hi)}, by Welch's t on the machines' scores, the means of their log medians.`
        : `Its 95 % interval is ${formatSignificant(lo)} to ${formatSignificant(hi)}, the wider of the rows' own intervals and that of the rounds' scores.`;
  return [
    `${name}: the geometric mean of ${countOf(count, "speedup")} of ${countOf(of, "row")} is ${formatSignificant(value)}.`,
    interval,
    ...(leave_one_out === null
      ? []
      : [
          `With one row left out it is ${formatSignificant(leave_one_out[0])} to ${formatSignificant(leave_one_out[1])}.`,
        ]),
    ...(decided_by_one_row ? ["One row decides which side is faster, so the table shows no mean."] : []),
  ];
}
