// Prints the factors of the speedups below the table on a terminal, in the widest form that fits.

import { printable } from "../../domain/printable.ts";
import { leftColumn, renderGrid, widthOf, wrapText } from "../table/grid.ts";
import { rowName } from "../table/row-names.ts";
import { contenders, type ReportData } from "../report-data.ts";
import { cellsOf, factorNames, factorTitles, whyGrid, whyHead, whyNotes } from "./why-block.ts";

/** Returns the blocks as text, at most `width` columns wide where that is possible; each ends with a line end. */
export function whyText(report: ReportData, width: number): string {
  const lines = contenders(report).flatMap((contender) => fitting(report, contender, width));
  return [...lines, ...whyNotes(report).flatMap((line) => wrapText(line, width))]
    .map((line) => `${printable(line)}\n`)
    .join("");
}

/**
 * Returns the widest form that fits into `width`. First the implementations move into titles. Then each row's factors
 * get a line below its label. Last, each factor gets a line.
 */
function fitting(report: ReportData, contender: string, width: number): string[] {
  const forms = [
    () => renderGrid(whyGrid(report, contender), 0),
    () => renderGrid(whyGrid(report, contender, "titled"), 0),
    () => belowLabels(report, contender, width, lineOfFactors),
    () => belowLabels(report, contender, width, linesOfFactors),
  ];
  let lines: string[] = [];
  for (const form of forms) {
    lines = form();
    if (widthOf(lines) <= width) break;
  }
  return lines;
}

/** The columns below the labels, and how the cells of a row fill them. */
interface FactorLines {
  readonly heads: (titles: readonly string[]) => string[];
  readonly rows: (speedup: string, cells: readonly string[], titles: readonly string[]) => string[][];
}

const lineOfFactors: FactorLines = {
  heads: (titles) => ["    speedup", ...titles.map((title) => `  ${title}`)],
  rows: (speedup, cells) => [[speedup, ...cells]],
};

const linesOfFactors: FactorLines = {
  heads: () => ["    speedup", "  factor", ""],
  rows: (speedup, cells, titles) => {
    const known = cells.flatMap((cell, i) => (cell === "" ? [] : [[cell.slice(0, 2) + titles[i], cell.slice(2)]]));
    if (known.length === 0) return [[speedup, "", ""]];
    return known.map((line, i) => [i === 0 ? speedup : "", ...line]);
  },
};

/** Returns the block with each label on a line of its own; a label that is too long is broken at blanks. */
function belowLabels(report: ReportData, contender: string, width: number, form: FactorLines): string[] {
  const names = factorNames(report);
  const titles = names.map((name) => factorTitles[name]);
  let suite = "";
  const rows = report.comparison.rows.flatMap((row, i) => {
    const { title, impl } = rowName(report, row);
    const [speedup = "", ...cells] = cellsOf(row, report.why?.[i]?.[contender], contender, names);
    const label = wrapText(`${title} ${impl}`.trim(), width - 2).map((line) => `  ${line}`);
    const heading = row.suite === suite ? [] : [row.suite];
    suite = row.suite;
    return [...heading, ...label, ...form.rows(`    ${speedup}`, cells, titles)];
  });
  const [above = "", ...lines] = renderGrid({ columns: form.heads(titles).map(leftColumn), rows }, 0);
  return [above, ...wrapText(whyHead(report, contender), width), ...lines];
}
