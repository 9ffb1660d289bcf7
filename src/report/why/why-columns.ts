// Adds the factors of the speedups to the table as a group of columns.

import { contenders, type ReportData } from "../report-data.ts";
import type { TableLine, TableView } from "../table/table-view.ts";
import { factorCells, factorNames, factorTitles } from "./why-block.ts";

/** Returns `view` with the factors of `report` beside the speedups. Means over rows have none. */
export function withFactorColumns(view: TableView, report: ReportData): TableView {
  const names = factorNames(report);
  if (names.length === 0) return view;
  // The lines of a suite are its rows in order, then its mean, which has no cells.
  let next = 0;
  const withFactors = (line: TableLine): TableLine => {
    if (Object.keys(line.cells).length === 0) return line;
    const found = report.why?.[next++] ?? {};
    const factors = contenders(report).map((side) => [side, factorCells(found[side], names)] as const);
    return { ...line, factors: Object.fromEntries(factors) };
  };
  const groups = view.groups.map((group) => ({ ...group, lines: group.lines.map(withFactors) }));
  return { ...view, groups, factors: names.map((name) => factorTitles[name]) };
}
