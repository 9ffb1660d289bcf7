// All speedups on one scale: a dot where it is, a line as far as it is sure of, and a wall at 1.

import type { Metric } from "../../analysis/comparison/comparison.ts";
import { speedupText } from "../table/cell-text.ts";
import { contenders, type ReportData } from "../report-data.ts";
import type { TableLine, SpeedupView as Shown, TableView } from "../table/table-view.ts";
import { ratioScale, type Scale } from "./scale.ts";

/** One speedup as it is drawn, with the words for it. Without a value there is nothing to draw. */
export interface Mark {
  readonly metric: Metric;
  readonly value: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  /** As the table has it: `2.79x ±0.4 %`. */
  readonly text: string;
  /** Whether a difference was shown. */
  readonly shown: boolean;
  /** Whether `lo` to `hi` is the range of a mean with one of its rows left out, and no interval. */
  readonly range: boolean;
}

export interface ForestRow {
  readonly label: string;
  /** The mean of several rows, and not a row. */
  readonly mean: boolean;
  readonly marks: readonly Mark[];
}

export interface Forest {
  readonly contender: string;
  readonly groups: readonly { readonly title: string; readonly rows: readonly ForestRow[] }[];
}

/** One forest for each contender, and the scale of all of them. `view` is the view of `told`. */
export function forests(
  told: ReportData,
  view: TableView,
): { readonly forests: readonly Forest[]; readonly scale: Scale } {
  const all = contenders(told).map((contender): Forest => {
    const groups = view.groups.map(({ title, lines }) => ({
      title,
      rows: lines.map((line) => rowOf(line, contender)),
    }));
    const overall = view.overall.map((line) => rowOf(line, contender));
    return { contender, groups: overall.length === 0 ? groups : [...groups, { title: "all suites", rows: overall }] };
  });
  const marks = all.flatMap(({ groups }) => groups.flatMap(({ rows }) => rows.flatMap((row) => row.marks)));
  return { forests: all, scale: ratioScale(marks.flatMap(reach)) };
}

function rowOf(line: TableLine, contender: string): ForestRow {
  const shown = line.speedups[contender];
  const marks = (["real", "cpu"] as const).map((metric) => markOf(metric, shown?.[metric]));
  return { label: line.label, mean: Object.keys(line.cells).length === 0, marks };
}

function markOf(metric: Metric, shown: Shown | undefined): Mark {
  const { value, lo, hi, verdict } = shown ?? { value: null, lo: null, hi: null, verdict: "failed" };
  return {
    metric,
    value,
    lo,
    hi,
    text: speedupText(shown),
    shown: claims.has(verdict),
    range: verdict === leaveOneOut,
  };
}

/** Verdicts that say something; a mean has none of its own and stands as it is. */
const leaveOneOut = "leave-one-out";
const claims = new Set(["faster", "slower", "mean", leaveOneOut]);

/** Whether there is a range among the marks of `all`: then a key says what it is. */
export function hasRanges(all: readonly Forest[]): boolean {
  return all.some(({ groups }) =>
    groups.some(({ rows }) => rows.some(({ marks }) => marks.some((mark) => mark.range && mark.lo !== null))),
  );
}

/** What of a mark the scale must show: its interval, but no farther from the value than twice and half of it. */
function reach({ value, lo, hi }: Mark): number[] {
  if (value === null) return [];
  return [value, Math.max(lo ?? value, value / 2), Math.min(hi ?? value, value * 2)];
}
