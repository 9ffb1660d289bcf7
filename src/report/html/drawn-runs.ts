// Decides which runs the page draws: all of them, or of very many every so manieth of each machine, so that a browser can
// show the page.

import type { RowRun, RowRuns } from "../../analysis/comparison/row-runs.ts";
import type { ReportData } from "../report-data.ts";

/** About the most runs that are drawn. */
const most = 20_000;

/** Returns of how many runs one is drawn; 1: all are. */
export function drawnOneOf({ runs }: ReportData): number {
  return Math.max(1, Math.ceil(runs.reduce((sum, { length }) => sum + length, 0) / most));
}

/** Returns those of the runs of one machine of a row that are drawn. */
export function drawnRuns(runs: RowRuns | undefined, side: string, machine: string, oneOf: number): readonly RowRun[] {
  return runs?.of(side, machine, Infinity, oneOf) ?? [];
}
