// Draws the runs in the order of time: a machine that slows down appears as a slope, a neighbour that comes late as a
// step.

import { rowName } from "../table/row-names.ts";
import { linearScale } from "../plot/scale.ts";
import type { ReportData } from "../report-data.ts";
import { ghz } from "../../analysis/why/evidence.ts";
import { ascending, median } from "../../analysis/statistics/samples.ts";
import { drawDots, drawMany, type DrawnRuns } from "./drawn-runs.ts";
import { axis } from "./forest.ts";
import { markup, type Markup } from "../text/markup.ts";
import { laneName, sideClass } from "./side-class.ts";

/** In pixels: the height of a machine's plot, and the free margin above and below in it. */
const height = 84;
const margin = 8;

/** The shortest time between the first start and the last that orders the runs. Milliseconds. */
const leastSpan_ms = 20_000;

/** One run: `off` is how much longer it took than its machine's median of that row, as a fraction of the median. */
interface Step {
  /** Why the run does not count; null where it does. */
  readonly left_out: string | null;
  readonly round: number;
  /** The row's name. */
  readonly name: string;
  readonly at: number;
  readonly off: number;
  /** The clock around the run's batch. Hz; NaN where it was not measured. */
  readonly clock_hz: number;
}

/** Yields the section in pieces, machine by machine; nothing where no run has a time. */
export function* driftSection(report: ReportData, drawn: DrawnRuns): Generator<Markup> {
  const start = startOf(report.runs);
  const machines = report.comparison.sides.flatMap((side) =>
    (report.comparison.machines[side] ?? []).map((machine) => ({
      side,
      machine,
      steps: stepsOf(report, side, machine, { start, drawn }),
    })),
  );
  const steps = machines.flatMap((machine) => machine.steps);
  if (steps.length === 0) return;
  const unit = unitOfOrder(steps, start);
  const scale = linearScale(steps.map(({ at }) => at / unit.size));
  const ticks = start === undefined ? scale.ticks.filter(Number.isInteger) : scale.ticks;
  const limit = limitOf(steps);
  const x = (at: number): number => scale.at(at / unit.size);
  yield markup`<section id="order"><h2>In the order of time</h2>
<p class="key">Real time of every run against its machine's median of the same row: above the line it took longer.
Beyond ${percent(limit)} a run stands at the edge. A slope or a step across a machine is drift; every row feels it.${
    steps.some(({ clock_hz }) => !Number.isNaN(clock_hz))
      ? " Squares are the machine's clock around the run against its median: above the line it was faster."
      : ""
  }</p>
<div class="drift">`;
  for (const { side, machine, steps: own } of machines)
    yield plot(laneName(report, side, machine), own, { drawn, x, limit, color: sideClass(report, side) });
  yield markup`${axis({ ...scale, ticks }, (tick) => unit.name(trimmed(tick)))}</div></section>`;
}

function stepsOf(
  report: ReportData,
  side: string,
  machine: string,
  { start, drawn }: { readonly start: number | undefined; readonly drawn: DrawnRuns },
): Step[] {
  const steps: Step[] = [];
  for (const [i, row] of report.comparison.rows.entries()) {
    const { rounds, starts_ms, real_s, clock_hz, left_out } = drawn.of(i, side, machine);
    const kept = real_s.filter((time_s, k) => left_out[k] === null && !Number.isNaN(time_s));
    const middle = kept.length === 0 ? 0 : median(kept);
    if (!(middle > 0)) continue;
    const { title, impl } = rowName(report, row);
    const name = `${title} ${impl}`.trim();
    for (let k = 0; k < real_s.length; k++) {
      const time_s = real_s[k] as number;
      if (Number.isNaN(time_s)) continue;
      const round = rounds[k] as number;
      steps.push({
        left_out: left_out[k] ?? null,
        round,
        name,
        at: start === undefined ? round : ((starts_ms[k] as number) - start) / 1000,
        off: time_s / middle - 1,
        clock_hz: clock_hz[k] as number,
      });
    }
  }
  return steps;
}

/**
 * Returns the first start, in milliseconds since 1970. Undefined where a run does not say when it began, or all
 * began within few of the whole seconds in which machines say it: then their rounds are their order.
 */
function startOf(rows: ReportData["runs"]): number | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { starts } of rows) {
    if (starts === undefined) return undefined;
    first = Math.min(first, starts[0]);
    last = Math.max(last, starts[1]);
  }
  return last - first < leastSpan_ms || !Number.isFinite(first) ? undefined : first;
}

/** Returns the unit of the axis: rounds, seconds, or minutes from three of them on. `size`: in what steps are given in. */
function unitOfOrder(
  steps: readonly Step[],
  start: number | undefined,
): { readonly size: number; readonly name: (tick: string) => string } {
  if (start === undefined) return { size: 1, name: (tick) => `round ${tick}` };
  return Math.max(...steps.map(({ at }) => at)) < 180
    ? { size: 1, name: (tick) => `${tick} s` }
    : { size: 60, name: (tick) => `${tick} min` };
}

/** Returns the limit of the plot: a round number that nine in ten runs stay within, at least 1 %. */
function limitOf(steps: readonly Step[]): number {
  const sizes = ascending(steps.filter(({ left_out }) => left_out === null).map(({ off }) => Math.abs(off)));
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

function plot(machine: string, steps: readonly Step[], { drawn, x, limit, color }: Axes): Markup {
  const y = (off: number): string => {
    const share = Math.max(-1, Math.min(1, off / limit));
    return (height / 2 - share * (height / 2 - margin)).toFixed(1);
  };
  const dots = steps.map(({ left_out, round, name, at, off }) => ({
    left_out,
    x: x(at),
    y: y(off),
    about: () => `${name}, round ${round}: ${signed(off)}`,
  }));
  const timed = steps.filter(({ clock_hz }) => !Number.isNaN(clock_hz));
  const clocks = timed.map(({ clock_hz }) => clock_hz);
  const usual_hz = clocks.length === 0 ? 0 : median(clocks);
  // The runs of a batch share their clock.
  const known = new Map<number, string>();
  const squares = timed.map(({ at, clock_hz }) => {
    const middle = known.get(clock_hz) ?? y(clock_hz / usual_hz - 1);
    known.set(clock_hz, middle);
    return { x: x(at), y: middle, clock_hz };
  });
  const clockMarks =
    drawn.oneOf > 1
      ? drawMany("clocks", squares, height)
      : squares.map(
          (square) =>
            markup`<rect class="clock" x="${square.x}%" y="${(Number(square.y) - 2).toFixed(1)}" width="4" height="4"><title>clock ${ghz(square.clock_hz)} GHz</title></rect>`,
        );
  return markup`<div class="label">${machine}<span class="scale">±${percent(limit)}</span></div><svg class="plot ${color}" height="${height}" role="img" aria-label="${machine}: ${steps.length} runs in the order of time">${[limit, -limit].map((edge) => markup`<line class="grid" x1="0" x2="100%" y1="${y(edge)}" y2="${y(edge)}"/>`)}<line class="one" x1="0" x2="100%" y1="${y(0)}" y2="${y(0)}"/>${clockMarks}${drawDots(dots, drawn, height)}</svg>
`;
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
