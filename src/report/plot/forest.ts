// Prepares all speedups for one scale: a dot for the value, a line for the interval, and a wall at 1.

import type { Metric } from "../../analysis/comparison/comparison.ts";
import { speedupText } from "../table/cell-text.ts";
import { contenders, type ReportData } from "../report-data.ts";
import type { TableLine, SpeedupView as Shown, TableView } from "../table/table-view.ts";
import { ratioScale, type Scale } from "./scale.ts";

/** One speedup as it is drawn, and its text. Without a value there is nothing to draw. */
export interface Mark {
  readonly metric: Metric;
  readonly value: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  /** The text in the table: `2.79x ±0.4 %`. */
  readonly text: string;
  /** Whether a difference was shown. */
  readonly shown: boolean;
  /** Whether `lo` to `hi` is the range of a mean with one of its rows left out, instead of an interval. */
  readonly range: boolean;
}

export interface ForestRow {
  readonly label: string;
  /** Whether this is the mean of several rows. */
  readonly mean: boolean;
  readonly marks: readonly Mark[];
}

export interface Forest {
  readonly contender: string;
  readonly groups: readonly { readonly title: string; readonly rows: readonly ForestRow[] }[];
}

/** Returns one forest for each contender, and the scale of all of them. `view` is the view of `report`. */
export function forests(
  report: ReportData,
  view: TableView,
): { readonly forests: readonly Forest[]; readonly scale: Scale } {
  const all = contenders(report).map((contender): Forest => {
    const groups = view.groups.map(({ title, lines }) => ({
      title,
      rows: lines.map((line) => rowOf(line, contender)),
    }));
    const overall = view.overall.map((line) => rowOf(line, contender));
    return { contender, groups: overall.length === 0 ? groups : [...groups, { title: "all suites", rows: overall }] };
  });
  const marks = all.flatMap(({ groups }) => groups.flatMap(({ rows }) => rows.flatMap((row) => row.marks)));
  return { forests: all, scale: ratioScale(marks.flatMap(valuesOf)) };
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

/** Verdicts with a definite result; a mean has no verdict of its own and is drawn as it is. */
const leaveOneOut = "leave-one-out";
const claims = new Set(["faster", "slower", "mean", leaveOneOut]);

/** Returns whether there is a range among the marks of `all`. A key then explains it. */
export function hasRanges(all: readonly Forest[]): boolean {
  return all.some(({ groups }) =>
    groups.some(({ rows }) => rows.some(({ marks }) => marks.some((mark) => mark.range && mark.lo !== null))),
  );
}

/** Returns the values of a mark that the scale must show: its interval, but at most from half to twice the value. */
function valuesOf({ value, lo, hi }: Mark): number[] {
  if (value === null) return [];
  return [value, Math.max(lo ?? value, value / 2), Math.min(hi ?? value, value * 2)];
}
