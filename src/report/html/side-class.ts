// Sides in colour. Colour only repeats what labels say.

import type { ReportData } from "../report-data.ts";

/** How many colours there are; further sides start again. */
const colours = 6;

/** The class that gives `side` its colour. */
export function sideClass({ comparison }: ReportData, side: string): string {
  return `side-${(Math.max(0, comparison.sides.indexOf(side)) % colours) + 1}`;
}
