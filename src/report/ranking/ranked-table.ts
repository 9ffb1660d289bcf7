// Draws a report of four sides or more on a terminal: the ranking, then the matrix in pages of columns.

import { printable } from "../../domain/printable.ts";
import { renderGrid, widthOf, wrapText } from "../table/grid.ts";
import { pagesOf } from "../table/paged-grid.ts";
import { tableBody } from "../table/terminal-table.ts";
import type { TableView } from "../table/table-view.ts";
import type { Ranking } from "../../analysis/ranking/ranking.ts";
import type { ReportData } from "../report-data.ts";
import { matrixGrid, matrixMetric } from "./matrix.ts";
import { rankingView } from "./ranking-view.ts";

/**
 * Returns `ranking`, and below it the matrix or, where `wide`, the table of `view`; at most `width` columns wide where
 * that is possible. Ends with a line end.
 */
export function rankedTable(
  report: ReportData & { readonly ranking: Ranking },
  view: TableView,
  width: number,
  wide: boolean,
): string {
  const { title, grid, notes, rangeNotes } = rankingView(report);
  const whole = renderGrid(grid, 0);
  const isWhole = widthOf(whole) <= width;
  const lines = [
    ...wrapText(view.header, width),
    "",
    ...wrapText(title, width),
    ...(isWhole ? whole : renderGrid(grid, 1)).filter((line) => line !== ""),
    ...[...notes, ...(isWhole ? rangeNotes : [])].flatMap((note) => wrapText(note, width)),
    "",
    ...(wide ? tableBody(view, width) : matrixLines(report.ranking, view, width)),
    "",
    ...view.footer.flatMap((line) => wrapText(line, width)),
    ...(view.gate ?? []).flatMap((line) => wrapText(line, width)),
  ];
  // Names may be from a run that somebody else stored.
  return `${lines.map(printable).join("\n")}\n`;
}

function matrixLines(ranking: Ranking, view: TableView, width: number): string[] {
  const [first = [], ...others] = pagesOf(matrixGrid(view, ranking), width);
  const title = `speedup over ${view.baseline ?? ""}, ${{ real: "real time", cpu: "CPU time" }[matrixMetric(ranking)]}`;
  return [...wrapText(title, width), ...first, ...others.flatMap((page) => ["", ...page])];
}
