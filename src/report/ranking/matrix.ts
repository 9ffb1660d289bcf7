// The matrix below a ranking: rows by sides, the best side first, each speedup to three digits.

import type { Metric } from "../../analysis/comparison/comparison.ts";
import { formatSignificant } from "../text/numbers.ts";
import { noInterval } from "../table/cell-text.ts";
import { type Column, type Grid, leftColumn } from "../table/grid.ts";
import type { CellView, SpeedupView, TableLine, TableView } from "../table/table-view.ts";
import type { Ranking } from "../../analysis/ranking/ranking.ts";

/** The metric of the matrix below `ranking`. */
export function matrixMetric({ by }: Ranking): Metric {
  return by === "cpu" ? "cpu" : "real";
}

/** Returns the sides of the matrix, without the baseline: best first, then those without a rank. */
export function matrixSides({ sides, unranked }: Ranking, view: TableView): string[] {
  return [...sides, ...unranked].map(({ side }) => side).filter((side) => side !== view.baseline);
}

/** Returns the matrix of `view`, a column for each side. */
export function matrixGrid(view: TableView, ranking: Ranking): Grid {
  const [sides, metric] = [matrixSides(ranking, view), matrixMetric(ranking)];
  const cells = (line: TableLine, indent: string): string[] => [
    `${indent}${line.label}`,
    ...sides.map((side) => matrixText(line, side, view, metric)),
  ];
  return {
    columns: [leftColumn(""), ...sides.map(matrixColumn)],
    rows: [
      ...view.groups.flatMap(({ title, lines }) => [title, ...lines.map((line) => cells(line, "  "))]),
      ...view.overall.map((line) => cells(line, "")),
    ],
  };
}

/** Returns the matrix with a side's whole name as the head of its column, where its width does not matter. */
export function wideMatrixGrid(view: TableView, ranking: Ranking): Grid {
  const { columns, rows } = matrixGrid(view, ranking);
  const heads = ["", ...matrixSides(ranking, view)];
  return { columns: columns.map((column, i) => ({ ...column, over: "", head: heads[i] ?? "" })), rows };
}

/** Returns the head of a side's column: `c7g` above `8xlarge`, so that more columns fit. */
export function matrixColumn(side: string): Column {
  const [, family, size] = /^([a-z0-9-]{1,20})\.([a-z0-9-]{1,20})$/.exec(side) ?? [];
  return { over: family ?? "", head: size ?? side, align: "right", expendable: 0 };
}

/** Returns `2.79`, `~1.01`, `(1.20)` without an interval, or the word that stands in place of a speedup. */
export function matrixText(line: TableLine, side: string, view: TableView, metric: Metric): string {
  const speedup = line.speedups[side]?.[metric];
  if (speedup?.value == null) return wordOf(line, side, view, metric, speedup);
  const value = formatSignificant(speedup.value);
  const marks = speedup.marks.join("");
  if (speedup.marks.includes(noInterval)) return `(${value})${marks}`;
  return `${isShown(speedup) ? "" : "~"}${value}${marks}`;
}

/** Whether a difference is shown. A mean has no verdict of its own: its interval decides. */
export function isShown({ verdict, lo, hi }: SpeedupView): boolean {
  return verdict !== "none" && !(verdict === "mean" && (lo ?? 0) <= 1 && (hi ?? 2) >= 1);
}

function wordOf(
  { cells }: TableLine,
  side: string,
  { baseline = "" }: TableView,
  metric: Metric,
  speedup: SpeedupView | undefined,
): string {
  const untimed = (cell: CellView | undefined): string => (cell?.time_s === null ? cell.mark : "");
  return (
    untimed(cells[side]?.[metric]) ||
    untimed(cells[baseline]?.[metric]) ||
    (speedup?.instead === "short" ? "short" : "-")
  );
}
