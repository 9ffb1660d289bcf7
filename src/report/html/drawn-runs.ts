// Decides which runs the page draws: all of them, or of very many every so manieth of each machine, so that a browser can
// show the page.

import type { RowRun } from "../../analysis/comparison/row-runs.ts";
import type { ReportData } from "../report-data.ts";

/** About the most runs that are drawn. */
const most = 20_000;

/** Returns of how many runs one is drawn; 1: all are. */
export function drawnOneOf({ runs }: ReportData): number {
  return Math.max(1, Math.ceil(runs.reduce((sum, { length }) => sum + length, 0) / most));
}

/** Returns those of `runs`, one machine's of a row, that are drawn. */
export function drawnRuns(runs: readonly RowRun[], oneOf: number): readonly RowRun[] {
  return oneOf === 1 ? runs : runs.filter((_, i) => i % oneOf === 0);
}
