// Draws each row by itself: every run as a dot, machine by machine, with the machine's median and its interval.

import type { CellResult, ComparedRow, Metric } from "../../analysis/comparison/comparison.ts";
import type { RunColumns } from "../../analysis/trials/run-columns.ts";
import { formatTime, type TimeUnit, unitFor } from "../text/numbers.ts";
import { linearScale, type Scale } from "../plot/scale.ts";
import { rowName } from "../table/row-names.ts";
import type { ReportData } from "../report-data.ts";
import { drawDots, type DrawnRuns, extentOf, shownTimes } from "./drawn-runs.ts";
import { axis } from "./forest.ts";
import { markup, type Markup } from "../text/markup.ts";
import { laneName, sideClass } from "./side-class.ts";

/** Height of a machine's lane, in pixels. */
const laneHeight = 26;

/** Yields the section in pieces, row by row. */
export function* rowsSection(report: ReportData, drawn: DrawnRuns): Generator<Markup> {
  const { oneOf } = drawn;
  yield markup`<section id="runs"><h2>Every run</h2>
<p class="key">One dot a run, in each lane the first at the top, the last at the bottom.
The stroke is the machine's median, the bar its own 95 % interval (from 6 runs on).
Hollow dots do not count: warm-up, or something disturbed them. Axes do not start at zero.${oneOf === 1 ? "" : ` Of ${oneOf} runs of a machine one is drawn. The hollow ones say which they are; csv-long has all.`}</p>
`;
  for (const [i, row] of report.comparison.rows.entries()) yield rowFigure(report, row, i, drawn);
  yield markup`</section>`;
}

function rowFigure(report: ReportData, row: ComparedRow, place: number, drawn: DrawnRuns): Markup {
  const runs = report.runs[place];
  const { title, impl } = rowName(report, row);
  const suite = report.plan.suites.length > 1 ? `${row.suite}: ` : "";
  const words = runs?.leftOut ?? new Map<string, number>();
  const without = [...words.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...words].map(([word, count]) => `${count} ${word}`).join(", ");
  const machines = report.comparison.sides.flatMap((side) =>
    (report.comparison.machines[side] ?? []).map((machine) => ({
      side,
      machine,
      runs: drawn.of(place, side, machine),
    })),
  );
  return markup`<div class="row-figure"><h3>${suite}${title} <span class="impl">${impl}</span></h3>
${without === 0 ? undefined : markup`<p class="note">${without} of ${runs?.length ?? 0} runs left out: ${reasons}</p>`}
<div class="panels">${panel(report, row, { drawn, machines }, "real")}${panel(report, row, { drawn, machines }, "cpu")}</div></div>
`;
}

/** The runs of one machine that are drawn. */
interface DrawnMachine {
  readonly side: string;
  readonly machine: string;
  readonly runs: RunColumns;
}

function panel(
  report: ReportData,
  row: ComparedRow,
  { drawn, machines }: { readonly drawn: DrawnRuns; readonly machines: readonly DrawnMachine[] },
  metric: Metric,
): Markup {
  const name = metric === "real" ? "real" : "CPU";
  const range = extentOf(machines.map(({ runs }) => shownTimes(runs, metric)));
  if (range === undefined)
    return markup`<div class="strip"><p class="group">${name}</p><p class="note">no run completed</p></div>`;
  const scale = linearScale(range);
  const unit = unitFor(range);
  // Written once for all lanes.
  const grid = markup`${lines(scale)}`;
  const lanes = machines.map(({ side, machine, runs }) =>
    lane({
      name: laneName(report, side, machine),
      runs,
      drawn,
      median: row.cells[side]?.[metric].machines.find((result) => result.machine === machine),
      metric,
      scale,
      grid,
      unit,
      color: sideClass(report, side),
    }),
  );
  return markup`<div class="strip"><p class="group">${name}</p>${lanes}${axis(scale, (tick) => tickName(tick, scale, unit))}</div>`;
}

interface MachineLane {
  /** The machine, or the command. */
  readonly name: string;
  readonly runs: RunColumns;
  readonly drawn: DrawnRuns;
  readonly median: CellResult["machines"][number] | undefined;
  readonly metric: Metric;
  readonly scale: Scale;
  readonly grid: Markup;
  readonly unit: TimeUnit;
  readonly color: string;
}

function lane({ name, runs, drawn, median, metric, scale, grid, unit, color }: MachineLane): Markup {
  const description =
    median === undefined ? "no time" : `median ${formatTime(median.median_s, unit)}, ${median.kept} runs`;
  const times = shownTimes(runs, metric);
  const dots = {
    x: times.map((time_s) => scale.at(time_s)),
    y: heightsOf(runs.rounds.length),
    left_out: runs.left_out,
    about: (k: number) => `${name}, round ${runs.rounds[k]}: ${exactTime(times[k] as number)}`,
  };
  const middle = laneHeight / 2;
  const bar =
    median?.lo_s == null || median.hi_s == null
      ? undefined
      : markup`<line class="bar" x1="${scale.at(median.lo_s)}%" x2="${scale.at(median.hi_s)}%" y1="${middle}" y2="${middle}"/>`;
  const stroke =
    median === undefined
      ? undefined
      : markup`<line class="median" x1="${scale.at(median.median_s)}%" x2="${scale.at(median.median_s)}%" y1="2" y2="${laneHeight - 2}"/>`;
  return markup`<div class="label">${name}</div><svg class="plot ${color}" height="${laneHeight}" role="img" aria-label="${name}: ${description}">${grid}${bar}${stroke}${drawDots(dots, drawn, laneHeight)}</svg>
`;
}

/** Heights of runs by their number: the lanes of a page mostly have the same. */
const heights = new Map<number, readonly string[]>();

/** Returns the heights of the runs of a lane: the first is at the top, the last at the bottom. */
function heightsOf(count: number): readonly string[] {
  const known =
    heights.get(count) ??
    Array.from({ length: count }, (_, i) => (4 + ((laneHeight - 8) * (i + 0.5)) / count).toFixed(1));
  heights.set(count, known);
  return known;
}

function lines(scale: Scale): Markup[] {
  return scale.ticks.map(
    (tick) => markup`<line class="grid" x1="${scale.at(tick)}%" x2="${scale.at(tick)}%" y1="0" y2="${laneHeight}"/>`,
  );
}

/** Formats one run's time with more digits than a median has, so that neighbouring runs differ. */
function exactTime(time_s: number): string {
  return `${Number(time_s.toPrecision(5))} s`;
}

/** Formats a tick with as many digits as distinguish the ticks; the last tick has the unit. */
function tickName(tick: number, scale: Scale, unit: TimeUnit): string {
  if (unit === "clock") return formatTime(tick, unit);
  const factor = { us: 1e6, ms: 1e3, s: 1 }[unit];
  const step = ((scale.ticks[1] ?? tick) - (scale.ticks[0] ?? 0)) * factor;
  const digits = step > 0 ? Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) : 3;
  const number = (tick * factor).toFixed(Math.min(9, digits));
  return tick === scale.ticks.at(-1) ? `${number} ${unit}` : number;
}
