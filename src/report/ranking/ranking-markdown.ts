// Formats a ranking and its matrix as Markdown.

import type { Ranking } from "../../analysis/ranking/ranking.ts";
import { markdownBlock } from "../formats/markdown.ts";
import { escapeMarkdown } from "../text/markdown-text.ts";
import type { ReportData } from "../report-data.ts";
import type { TableView } from "../table/table-view.ts";
import { wideMatrixGrid } from "./matrix.ts";
import { rankingView } from "./ranking-view.ts";

/** Returns the header and the ranking of `report`; with `matrix` the matrix and the footer of `view` too. */
export function rankingMarkdown(
  report: ReportData & { readonly ranking: Ranking },
  view: TableView,
  matrix: boolean,
): string {
  const { title, grid, notes, rangeNotes } = rankingView(report);
  const footer = view.footer.flatMap((line) => line.split(/ {3,}/));
  return [
    ...(matrix ? [`${escapeMarkdown(view.header)}\n\n`] : []),
    `${escapeMarkdown(title)}\n`,
    markdownBlock(grid, [...notes, ...rangeNotes]),
    ...(matrix ? [markdownBlock(wideMatrixGrid(view, report.ranking), footer)] : ["\n"]),
  ].join("");
}
