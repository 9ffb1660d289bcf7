// Decides which runs the page draws: all of them, or of very many every so manieth of each machine, so that a browser can
// show the page.

import type { Metric } from "../../analysis/comparison/comparison.ts";
import type { RunColumns } from "../../analysis/trials/run-columns.ts";
import type { ReportData } from "../report-data.ts";
import { type Content, markup, Markup } from "../text/markup.ts";

/** About the most runs that are drawn. */
const most = 10_000;

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
    const made = this.#rows[place]?.columns(side, machine, this.oneOf) ?? noRuns;
    this.#made.set(key, made);
    return made;
  }
}

const none = new Float64Array();
const noRuns: RunColumns = { rounds: none, starts_ms: none, real_s: none, cpu_s: none, clock_hz: none, left_out: [] };

/** Returns the times of runs in seconds; NaN where a run has none, and where it was not checked or failed its check. */
export function shownTimes({ real_s, cpu_s, left_out }: RunColumns, metric: Metric): Float64Array {
  const times_s = metric === "real" ? real_s : cpu_s;
  const isHidden = (why: string | null): boolean => why === "check-failed" || why === "unchecked";
  return left_out.some(isHidden)
    ? times_s.map((time_s, k) => (isHidden(left_out[k] ?? null) ? Number.NaN : time_s))
    : times_s;
}

/** Returns the least and the greatest of all numbers in `lists`, NaN left out; undefined where there are none. */
export function extentOf(lists: readonly Float64Array[]): readonly [number, number] | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (const list of lists)
    for (let k = 0; k < list.length; k++) {
      const number = list[k] as number;
      if (number < least) least = number;
      if (number > most) most = number;
    }
  return most === -Infinity ? undefined : [least, most];
}

/** Runs to be drawn, by their index. */
interface Dots {
  /** Per cent of the width; NaN where nothing is to be drawn of the run. */
  readonly x: Float64Array;
  readonly y: readonly string[];
  /** Why each does not count; null where it does. */
  readonly left_out: readonly (string | null)[];
  /** Words about it. */
  readonly about: (k: number) => string;
}

/**
 * Draws `dots`, which are hollow where a run does not count. Each says what it is; of very many, only the hollow ones, and the
 * others are one element of a plot of that `height`: a browser and a reader have no use for so many words.
 */
export function drawDots({ x, y, left_out, about }: Dots, { oneOf }: DrawnRuns, height: number): Content {
  let path = "";
  const single: Markup[] = [];
  for (let k = 0; k < x.length; k++) {
    const [at, why] = [x[k] as number, left_out[k] as string | null];
    if (Number.isNaN(at)) continue;
    if (oneOf > 1 && why === null) path += markAt(at, y[k] as string);
    else single.push(dot(at, y[k] as string, why, about(k)));
  }
  return [drawMany("runs", path, height), single];
}

/** Returns the part of a path that is one mark. */
export function markAt(x: number, y: string): string {
  return `M${x} ${y}h0`;
}

/** Draws a path of marks as one element, in the style of `name`; nothing where it is empty. */
export function drawMany(name: string, path: string, height: number): Content {
  if (path === "") return undefined;
  return markup`<svg width="100%" height="${height}" viewBox="0 0 100 ${height}" preserveAspectRatio="none"><path class="${name}" d="${new Markup(path)}"/></svg>`;
}

function dot(x: number, y: string, left_out: string | null, about: string): Markup {
  return left_out === null
    ? markup`<circle class="run" cx="${x}%" cy="${y}" r="2.6"><title>${about}</title></circle>`
    : markup`<circle class="run out" cx="${x}%" cy="${y}" r="2.6"><title>${about}, left out: ${left_out}</title></circle>`;
}
