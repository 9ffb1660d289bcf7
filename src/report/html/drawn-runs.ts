// Decides which runs the page draws: all of them, or of very many every so manieth of each machine, so that a browser can
// show the page.

import type { RunColumns } from "../../analysis/trials/run-columns.ts";
import type { ReportData } from "../report-data.ts";
import { type Content, markup, Markup } from "../text/markup.ts";

/** About the most runs that are drawn. */
const most = 20_000;

/** The runs that the page draws. Those of a machine are made once for all plots that show them. */
export class DrawnRuns {
  /** Of how many runs one is drawn; 1: all are. */
  readonly oneOf: number;
  readonly #rows: ReportData["runs"];
  readonly #made = new Map<string, RunColumns>();

  constructor({ runs }: ReportData) {
    this.#rows = runs;
    this.oneOf = Math.max(1, Math.ceil(runs.reduce((sum, { length }) => sum + length, 0) / most));
  }

  /** Returns those of the runs of one machine that are drawn, of the row at `place`. */
  of(place: number, side: string, machine: string): RunColumns {
    const key = JSON.stringify([place, side, machine]);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = withoutUnchecked(this.#rows[place]?.columns(side, machine, this.oneOf) ?? noRuns);
    this.#made.set(key, made);
    return made;
  }
}

const none = new Float64Array();
const noRuns: RunColumns = { rounds: none, starts_ms: none, real_s: none, cpu_s: none, clock_hz: none, left_out: [] };

/** Takes the times of runs that were not checked, or failed their check: there is nothing to show of them. */
function withoutUnchecked(runs: RunColumns): RunColumns {
  const { left_out } = runs;
  const isShown = (k: number): boolean => left_out[k] !== "check-failed" && left_out[k] !== "unchecked";
  if (left_out.every((_, k) => isShown(k))) return runs;
  const shown = (times_s: Float64Array): Float64Array => times_s.map((time_s, k) => (isShown(k) ? time_s : Number.NaN));
  return { ...runs, real_s: shown(runs.real_s), cpu_s: shown(runs.cpu_s) };
}

/** A run to be drawn: at `x` per cent of the width and at `y`. */
export interface Dot {
  /** Why it does not count; null where it does. */
  readonly left_out: string | null;
  readonly x: number;
  readonly y: string;
  /** Words about it. */
  readonly about: () => string;
}

/**
 * Draws `dots`, which are hollow where a run does not count. Each says what it is; of very many, only the hollow ones, and the
 * others are one element of a plot of that `height`: a browser and a reader have no use for so many words.
 */
export function drawDots(dots: readonly Dot[], { oneOf }: DrawnRuns, height: number): Content {
  if (oneOf === 1) return dots.map(dot);
  const places = dots.filter(({ left_out }) => left_out === null);
  return [drawMany("runs", places, height), dots.filter(({ left_out }) => left_out !== null).map(dot)];
}

/** Draws a mark at each of `places` as one element, in the style of `name`; nothing where there is none. */
export function drawMany(name: string, places: readonly Pick<Dot, "x" | "y">[], height: number): Content {
  if (places.length === 0) return undefined;
  const path = places.map(({ x, y }) => `M${x} ${y}h0`).join("");
  return markup`<svg width="100%" height="${height}" viewBox="0 0 100 ${height}" preserveAspectRatio="none"><path class="${name}" d="${new Markup(path)}"/></svg>`;
}

function dot({ left_out, x, y, about }: Dot): Markup {
  return left_out === null
    ? markup`<circle class="run" cx="${x}%" cy="${y}" r="2.6"><title>${about()}</title></circle>`
    : markup`<circle class="run out" cx="${x}%" cy="${y}" r="2.6"><title>${about()}, left out: ${left_out}</title></circle>`;
}
