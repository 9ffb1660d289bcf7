// Gives sides their colours. A colour only repeats what a label says.

import type { ReportData } from "../report-data.ts";

/** The number of colours; further sides start again with the first. */
const colours = 6;

/** Returns the class that gives `side` its colour. */
export function sideClass({ comparison }: ReportData, side: string): string {
  return `side-${(Math.max(0, comparison.sides.indexOf(side)) % colours) + 1}`;
}
