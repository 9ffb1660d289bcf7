// Gives sides their colours. A colour only repeats what a label says.

import type { ReportData } from "../report-data.ts";

/** Returns what a lane of the page is called: its machine; where commands share a machine, the command. */
export function laneName({ by }: Pick<ReportData, "by">, side: string, machine: string): string {
  return by === "command" ? side : machine;
}

/** The number of colours; further sides start again with the first. */
const colours = 6;

/** Returns the class that gives `side` its colour. */
export function sideClass({ comparison }: ReportData, side: string): string {
  return `side-${(Math.max(0, comparison.sides.indexOf(side)) % colours) + 1}`;
}
