// Decides which runs the page draws: all of them, or of very many every so manieth of each machine, so that a browser can
// show the page.

import type { RowRun } from "../../analysis/comparison/row-runs.ts";
import type { ReportData } from "../report-data.ts";
import { markup, type Markup } from "../text/markup.ts";

/** About the most runs that are drawn. */
const most = 20_000;

/** The runs that the page draws. Those of a machine are made once for all plots that show them. */
export class DrawnRuns {
  /** Of how many runs one is drawn; 1: all are. */
  readonly oneOf: number;
  readonly #rows: ReportData["runs"];
  readonly #made = new Map<string, readonly RowRun[]>();

  constructor({ runs }: ReportData) {
    this.#rows = runs;
    this.oneOf = Math.max(1, Math.ceil(runs.reduce((sum, { length }) => sum + length, 0) / most));
  }

  /** Returns those of the runs of one machine that are drawn, of the row at `place`. */
  of(place: number, side: string, machine: string): readonly RowRun[] {
    const key = JSON.stringify([place, side, machine]);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#rows[place]?.of(side, machine, Infinity, this.oneOf) ?? [];
    this.#made.set(key, made);
    return made;
  }
}

/** Draws `run`: a dot at `x` per cent of the width and at `y`, and words about it. It is hollow where the run does not count. */
export function dot({ left_out }: Pick<RowRun, "left_out">, x: number, y: string, about: string): Markup {
  return left_out === null
    ? markup`<circle class="run" cx="${x}%" cy="${y}" r="2.6"><title>${about}</title></circle>`
    : markup`<circle class="run out" cx="${x}%" cy="${y}" r="2.6"><title>${about}, left out: ${left_out}</title></circle>`;
}
