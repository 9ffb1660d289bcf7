// Draws the runs in the order of time: a machine that slows down appears as a slope, a neighbour that comes late as a
// step.

import type { RunColumns } from "../../analysis/trials/run-columns.ts";
import { rowName } from "../table/row-names.ts";
import { linearScale } from "../plot/scale.ts";
import type { ReportData } from "../report-data.ts";
import { ghz } from "../../analysis/why/evidence.ts";
import { median } from "../../analysis/statistics/samples.ts";
import { drawDots, drawMany, type DrawnRuns, extentOf, markAt, shownTimes } from "./drawn-runs.ts";
import { axis } from "./forest.ts";
import { type Content, markup, type Markup } from "../text/markup.ts";
import { laneName, sideClass } from "./side-class.ts";

/** In pixels: the height of a machine's plot, and the free margin above and below in it. */
const height = 84;
const margin = 8;

/** The shortest time between the first start and the last that orders the runs. Milliseconds. */
const leastSpan_ms = 20_000;

/** The runs of one machine, row by row. Each column has an entry for each of them, NaN where the run has no time. */
interface Steps {
  readonly left_out: readonly (string | null)[];
  /** The name of its row, and its round. */
  readonly name: (k: number) => string;
  readonly at: Float64Array;
  /** How much longer each took than its machine's median of that row, as a fraction of the median. */
  readonly off: Float64Array;
  /** The clock around the run's batch. Hz; NaN where it was not measured. */
  readonly clock_hz: Float64Array;
}

/** Yields the section in pieces, machine by machine; nothing where no run has a time. */
export function* driftSection(report: ReportData, drawn: DrawnRuns): Generator<Markup> {
  const names = report.comparison.rows.map((row) => {
    const { title, impl } = rowName(report, row);
    return `${title} ${impl}`.trim();
  });
  const machines = report.comparison.sides.flatMap((side) =>
    (report.comparison.machines[side] ?? []).map((machine) => ({
      side,
      machine,
      rows: names.map((_, place) => drawn.of(place, side, machine)),
    })),
  );
  const start = startOf(machines.flatMap(({ rows }) => rows));
  const steps = machines.map(({ rows }) => stepsOf(rows, names, start));
  const span = extentOf(steps.map(({ at }) => at));
  if (span === undefined) return;
  const unit = unitOfOrder(span[1], start);
  const scale = linearScale(span.map((at) => at / unit.size));
  const ticks = start === undefined ? scale.ticks.filter(Number.isInteger) : scale.ticks;
  const limit = limitOf(steps);
  const x = (at: number): number => scale.at(at / unit.size);
  yield markup`<section id="order"><h2>In the order of time</h2>
<p class="key">Real time of every run against its machine's median of the same row: above the line it took longer.
Beyond ${percent(limit)} a run stands at the edge. A slope or a step across a machine is drift; every row feels it.${
    steps.some(({ clock_hz }) => !clock_hz.every(Number.isNaN))
      ? " Squares are the machine's clock around the run against its median: above the line it was faster."
      : ""
  }</p>
<div class="drift">`;
  for (const [i, { side, machine }] of machines.entries())
    yield plot(laneName(report, side, machine), steps[i] as Steps, {
      drawn,
      x,
      limit,
      color: sideClass(report, side),
    });
  yield markup`${axis({ ...scale, ticks }, (tick) => unit.name(trimmed(tick)))}</div></section>`;
}

/** Returns the steps of one machine. `rows`: its runs of each row, whose `names` are given. */
function stepsOf(rows: readonly RunColumns[], names: readonly string[], start: number | undefined): Steps {
  const parts = rows.flatMap((runs, place) => {
    const { rounds, starts_ms, clock_hz, left_out } = runs;
    const times_s = shownTimes(runs, "real");
    const kept = times_s.filter((time_s, k) => left_out[k] === null && !Number.isNaN(time_s));
    const middle = kept.length === 0 ? 0 : median(kept);
    if (!(middle > 0)) return [];
    const untimed = times_s.some(Number.isNaN);
    const timed = (numbers: Float64Array): Float64Array =>
      untimed ? numbers.map((number, k) => (Number.isNaN(times_s[k]) ? Number.NaN : number)) : numbers;
    return {
      left_out,
      rounds,
      name: names[place] as string,
      at: timed(start === undefined ? rounds : starts_ms.map((start_ms) => (start_ms - start) / 1000)),
      off: times_s.map((time_s) => time_s / middle - 1),
      clock_hz: timed(clock_hz),
    };
  });
  return {
    left_out: parts.flatMap((part) => part.left_out),
    name: (k) => nameOf(parts, k),
    at: joined(parts.map(({ at }) => at)),
    off: joined(parts.map(({ off }) => off)),
    clock_hz: joined(parts.map(({ clock_hz }) => clock_hz)),
  };
}

function nameOf(parts: readonly { readonly name: string; readonly rounds: Float64Array }[], k: number): string {
  let rest = k;
  for (const { name, rounds } of parts) {
    if (rest < rounds.length) return `${name}, round ${rounds[rest]}`;
    rest -= rounds.length;
  }
  return "";
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Returns the first start of the runs that are drawn, in milliseconds since 1970. Undefined where a run does not say when it
 * began, or all began within few of the whole seconds in which machines say it: then their rounds are their order.
 */
function startOf(runs: readonly RunColumns[]): number | undefined {
  const starts_ms = runs.map((own) => own.starts_ms.filter((_, k) => !Number.isNaN(own.real_s[k])));
  const [first, last] = extentOf(starts_ms) ?? [0, 0];
  return last - first < leastSpan_ms || starts_ms.some((starts) => starts.some(Number.isNaN)) ? undefined : first;
}

/** Returns the unit of the axis: rounds, seconds, or minutes from three of them on. `size`: in what steps are given in. */
function unitOfOrder(
  last: number,
  start: number | undefined,
): { readonly size: number; readonly name: (tick: string) => string } {
  if (start === undefined) return { size: 1, name: (tick) => `round ${tick}` };
  return last < 180 ? { size: 1, name: (tick) => `${tick} s` } : { size: 60, name: (tick) => `${tick} min` };
}

/** Returns the limit of the plot: a round number that nine in ten runs stay within, at least 1 %. */
function limitOf(steps: readonly Steps[]): number {
  const counting = steps.map(({ off, left_out }) => off.filter((one, k) => left_out[k] === null && !Number.isNaN(one)));
  const sizes = joined(counting).map(Math.abs).sort();
  const place = sizes[Math.floor(sizes.length * 0.9)] ?? 0;
  return Math.max(0.01, [0.02, 0.05, 0.1, 0.2, 0.5].find((limit) => limit >= place) ?? 1);
}

/** How the steps of a machine are drawn. */
interface Axes {
  readonly drawn: DrawnRuns;
  /** From a step's `at` to per cent of the width. */
  readonly x: (at: number) => number;
  /** The greatest `off` that the plot shows. */
  readonly limit: number;
  readonly color: string;
}

function plot(machine: string, steps: Steps, { drawn, x, limit, color }: Axes): Markup {
  const y = (off: number): string => {
    const share = Math.max(-1, Math.min(1, off / limit));
    return (height / 2 - share * (height / 2 - margin)).toFixed(1);
  };
  const places = steps.at.map(x);
  const dots = {
    x: places,
    y: Array.from(steps.off, y),
    left_out: steps.left_out,
    about: (k: number) => `${steps.name(k)}: ${signed(steps.off[k] as number)}`,
  };
  const count = places.filter((at) => !Number.isNaN(at)).length;
  return markup`<div class="label">${machine}<span class="scale">±${percent(limit)}</span></div><svg class="plot ${color}" height="${height}" role="img" aria-label="${machine}: ${count} runs in the order of time">${[limit, -limit].map((edge) => markup`<line class="grid" x1="0" x2="100%" y1="${y(edge)}" y2="${y(edge)}"/>`)}<line class="one" x1="0" x2="100%" y1="${y(0)}" y2="${y(0)}"/>${clockMarks(steps.clock_hz, places, y, drawn)}${drawDots(dots, drawn, height)}</svg>
`;
}

/** Draws the clocks of runs that stand at the places `x`, each against their median. */
function clockMarks(
  clock_hz: Float64Array,
  x: Float64Array,
  y: (off: number) => string,
  { oneOf }: DrawnRuns,
): Content {
  const measured = clock_hz.filter((hz) => !Number.isNaN(hz));
  if (measured.length === 0) return undefined;
  const usual_hz = median(measured);
  // The runs of a batch share their clock.
  const known = new Map<number, string>();
  const middles = Array.from(clock_hz, (hz) => {
    const found = known.get(hz) ?? y(hz / usual_hz - 1);
    known.set(hz, found);
    return found;
  });
  let path = "";
  const single: Markup[] = [];
  for (let k = 0; k < x.length; k++) {
    const [at, hz] = [x[k] as number, clock_hz[k] as number];
    if (Number.isNaN(hz)) continue;
    if (oneOf > 1) path += markAt(at, middles[k] as string);
    else
      single.push(
        markup`<rect class="clock" x="${at}%" y="${(Number(middles[k]) - 2).toFixed(1)}" width="4" height="4"><title>clock ${ghz(hz)} GHz</title></rect>`,
      );
  }
  return [drawMany("clocks", path, height), single];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function signed(share: number): string {
  return `${share < 0 ? "−" : "+"}${(Math.abs(share) * 100).toFixed(1)} %`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(4)));
}
