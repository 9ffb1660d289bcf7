// Draws the runs in the order of time: a machine that slows down appears as a slope, a neighbour that comes late as a
// step.

import type { RowRun } from "../../analysis/comparison/row-runs.ts";
import { rowName } from "../table/row-names.ts";
import { linearScale, type Scale } from "../plot/scale.ts";
import type { ReportData } from "../report-data.ts";
import { chainClock, ghz } from "../../analysis/why/evidence.ts";
import { median } from "../../analysis/statistics/samples.ts";
import { drawnOneOf, drawnRuns } from "./drawn-runs.ts";
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
  readonly at: number;
  readonly off: number;
  readonly about: string;
  readonly counts: boolean;
  /** The clock around the run's batch. Hz; absent where it was not measured. */
  readonly clock_hz?: number;
}

export function driftSection(report: ReportData): Markup | undefined {
  const [start, oneOf] = [startOf(report.runs), drawnOneOf(report)];
  const machines = report.comparison.sides.flatMap((side) =>
    (report.comparison.machines[side] ?? []).map((machine) => ({
      side,
      machine,
      steps: stepsOf(report, side, machine, { start, oneOf }),
    })),
  );
  const steps = machines.flatMap((machine) => machine.steps);
  if (steps.length === 0) return undefined;
  const unit = unitOfOrder(steps, start);
  const scale = linearScale(steps.map(({ at }) => at / unit.size));
  const ticks = start === undefined ? scale.ticks.filter(Number.isInteger) : scale.ticks;
  const limit = limitOf(steps);
  const plots = machines.map(({ side, machine, steps: own }) =>
    plot(
      laneName(report, side, machine),
      own.map((step) => ({ ...step, at: step.at / unit.size })),
      scale,
      limit,
      sideClass(report, side),
    ),
  );
  return markup`<section id="order"><h2>In the order of time</h2>
<p class="key">Real time of every run against its machine's median of the same row: above the line it took longer.
Beyond ${percent(limit)} a run stands at the edge. A slope or a step across a machine is drift; every row feels it.${
    steps.some(({ clock_hz }) => clock_hz !== undefined)
      ? " Squares are the machine's clock around the run against its median: above the line it was faster."
      : ""
  }</p>
<div class="drift">${plots}${axis({ ...scale, ticks }, (tick) => unit.name(trimmed(tick)))}</div></section>`;
}

function stepsOf(
  report: ReportData,
  side: string,
  machine: string,
  { start, oneOf }: { readonly start: number | undefined; readonly oneOf: number },
): Step[] {
  return report.comparison.rows.flatMap((row, i) => {
    const own = drawnRuns(report.runs[i], side, machine, oneOf);
    const kept = own.flatMap((run) => (run.left_out === null && run.real_s !== null ? [run.real_s] : []));
    if (kept.length === 0) return [];
    const middle = median(kept);
    const { title, impl } = rowName(report, row);
    return own.flatMap((run): Step[] => {
      if (run.real_s === null || !(middle > 0) || run.left_out === "check-failed" || run.left_out === "unchecked")
        return [];
      const at = start === undefined || run.started_at === undefined ? run.round : seconds(run.started_at, start);
      const off = run.real_s / middle - 1;
      const why = run.left_out === null ? "" : `, left out: ${run.left_out}`;
      return [
        {
          at,
          off,
          counts: run.left_out === null,
          ...clockOf(run),
          about: `${`${title} ${impl}`.trim()}, round ${run.round}: ${signed(off)}${why}`,
        },
      ];
    });
  });
}

function clockOf(run: RowRun): Pick<Step, "clock_hz"> {
  const clock_hz = chainClock(run);
  return clock_hz === undefined ? {} : { clock_hz };
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

function seconds(started_at: string, start: number): number {
  return (Date.parse(started_at) - start) / 1000;
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
  const sizes = steps.filter(({ counts }) => counts).map(({ off }) => Math.abs(off));
  const place = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length * 0.9)] ?? 0;
  return Math.max(0.01, [0.02, 0.05, 0.1, 0.2, 0.5].find((limit) => limit >= place) ?? 1);
}

function plot(machine: string, steps: readonly Step[], scale: Scale, limit: number, color: string): Markup {
  const y = (off: number): string => {
    const share = Math.max(-1, Math.min(1, off / limit));
    return (height / 2 - share * (height / 2 - margin)).toFixed(1);
  };
  const dots = steps.map(
    ({ at, off, about, counts }) =>
      markup`<circle class="${counts ? "run" : "run out"}" cx="${scale.at(at)}%" cy="${y(off)}" r="2.6"><title>${about}</title></circle>`,
  );
  const clocks = steps.flatMap(({ at, clock_hz }) => (clock_hz === undefined ? [] : [{ at, clock_hz }]));
  const usual_hz = clocks.length === 0 ? 0 : median(clocks.map(({ clock_hz }) => clock_hz));
  const squares = clocks.map(
    ({ at, clock_hz }) =>
      markup`<rect class="clock" x="${scale.at(at)}%" y="${(Number(y(clock_hz / usual_hz - 1)) - 2).toFixed(1)}" width="4" height="4"><title>clock ${ghz(clock_hz)} GHz</title></rect>`,
  );
  return markup`<div class="label">${machine}<span class="scale">±${percent(limit)}</span></div><svg class="plot ${color}" height="${height}" role="img" aria-label="${machine}: ${steps.length} runs in the order of time">${[limit, -limit].map((edge) => markup`<line class="grid" x1="0" x2="100%" y1="${y(edge)}" y2="${y(edge)}"/>`)}<line class="one" x1="0" x2="100%" y1="${y(0)}" y2="${y(0)}"/>${squares}${dots}</svg>
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
