// Whether the intervals of a comparison are narrow enough to stop, and where they are not, whether more runs would help
// (docs/statistics.md, "Stopping"). It looks at widths alone: to stop on a verdict would be to stop when chance happens to favour one.

import { firstLook, type WideInterval } from "../../domain/plan/stopping-rule.ts";
import type { LookDecision } from "../../domain/run/interim-look.ts";
import type {
  CellResult,
  ComparedRow,
  Comparison,
  Geomean,
  MachineTime,
  Metric,
  Scope,
  SpeedupResult,
} from "./comparison.ts";
import { mean, variance } from "../statistics/samples.ts";
import { loadStudent } from "../statistics/student.ts";

/** How narrow the intervals are to be. `share` is a part of the figure: 0.01 is 1 %. */
export interface WidthGoal {
  /** Half the width of an interval over its figure must be under it. */
  readonly share: number;
  readonly of: "rows" | "geomean";
  readonly metrics: readonly Metric[];
  /** What the row is called. */
  readonly nameOf: (row: Pick<ComparedRow, "suite" | "row" | "impl">) => string;
  /** Rounds after warm-up that there were, of each row. */
  readonly rounds: (row: Pick<ComparedRow, "suite" | "row" | "impl">) => number;
  /** Whether the sides are not compared: then it is about each machine's own median. */
  readonly apart: boolean;
}

/**
 * What the runs so far come to. `comparison` is of one suite.
 *
 * @example
 * import { type Comparison, decideStop } from "timetrial";
 *
 * export async function isWithinOnePercent(comparison: Comparison, rounds: number): Promise<boolean> {
 *   const decision = await decideStop(comparison, {
 *     share: 0.01,
 *     of: "rows",
 *     metrics: ["cpu"],
 *     nameOf: ({ row }) => row,
 *     rounds: () => rounds,
 *     apart: false,
 *   });
 *   return decision.enough && decision.why === "width";
 * }
 */
export async function decideStop(comparison: Comparison, aim: WidthGoal): Promise<LookDecision> {
  const figures = figuresOf(comparison, aim);
  if (figures.length === 0) return { enough: true, why: "nothing", missed: [] };
  const missed = figures.filter(({ half }) => half === null || half >= aim.share);
  const told = missed.map(({ what, side, metric, half }): WideInterval => ({
    what,
    side,
    metric,
    ...(half && { half }),
  }));
  if (figures.some(({ early }) => early)) return { enough: false, missed: told };
  if (missed.length === 0) return { enough: true, why: "width", missed: [] };
  const spreads = missed.map(({ spread }) => spread);
  // Of one that more runs still narrow, or may narrow, they are worth their while.
  if (!spreads.every((spread) => spread !== null && spread.runs < worthwhile * spread.machines))
    return { enough: false, missed: told };
  const machines = await machinesFor(spreads as Spread[], aim.share);
  return { enough: true, why: "machines", missed: told, ...(machines === undefined ? {} : { machines }) };
}

/** More runs help only while their variance is at least this share of the machines'. */
const worthwhile = 0.2;

interface Figure {
  readonly what: string;
  readonly side: string;
  readonly metric: Metric;
  /** Null where there is no interval yet. */
  readonly half: number | null;
  /** Too few rounds to be looked at. */
  readonly early: boolean;
  /** Null where more runs may help whatever it is. */
  readonly spread: Spread | null;
}

/** Variances of logs. */
interface Spread {
  /** Of a machine's score, from its runs: the mean over the machines. */
  readonly runs: number;
  /** Of the machines' scores: the mean of both sides. */
  readonly machines: number;
  /** Machines of the larger side. */
  readonly count: number;
}

function figuresOf(comparison: Comparison, aim: WidthGoal): Figure[] {
  const { rows, sides, baseline } = comparison;
  if (aim.apart) return rows.flatMap((row) => sides.flatMap((side) => mediansOf(row, side, aim)));
  const contenders = sides.filter((side) => side !== baseline);
  return contenders.flatMap((side) =>
    aim.metrics.flatMap((metric) => {
      const figures = rows.flatMap((row) => rowFigure(row, { baseline, side, metric }, aim));
      return aim.of === "rows" || figures.length === 0 ? figures : [meanFigure(comparison, { side, metric }, aim)];
    }),
  );
}

/** Half the width over the figure. */
function halfOf(value: number, lo: number | null, hi: number | null): number | null {
  return lo === null || hi === null ? null : (hi - lo) / 2 / value;
}

/** The medians of the machines of `side`; none where it has no time that more runs could make surer. */
function mediansOf(row: ComparedRow, side: string, aim: WidthGoal): Figure[] {
  return aim.metrics.flatMap((metric) =>
    (row.cells[side]?.[metric].machines ?? []).map(({ machine, median_s, lo_s, hi_s }) => ({
      what: aim.nameOf(row),
      side: machine,
      metric,
      half: halfOf(median_s, lo_s, hi_s),
      early: aim.rounds(row) < firstLook.machines,
      spread: null,
    })),
  );
}

interface Where {
  readonly baseline: string;
  readonly side: string;
  readonly metric: Metric;
}

/** The width of the speedup of `row`. Empty where it has no speedup: more runs would not give it one. */
function rowFigure(row: ComparedRow, { baseline, side, metric }: Where, aim: WidthGoal): Figure[] {
  const speedup: SpeedupResult | undefined = row.speedups[side]?.[metric];
  if (speedup === undefined || speedup.value === null) return [];
  const { value, lo, hi, scope } = speedup;
  const both = [row.cells[baseline]?.[metric], row.cells[side]?.[metric]].map((cell) => scoresOf([cell]));
  return [
    {
      what: aim.nameOf(row),
      side,
      metric,
      half: halfOf(value, lo, hi),
      early: aim.rounds(row) < firstLook[scope],
      spread: spreadOf(scope, both),
    },
  ];
}

function meanFigure(
  { rows, geomeans, baseline }: Comparison,
  { side, metric }: Omit<Where, "baseline">,
  aim: WidthGoal,
) {
  const found: Geomean | null =
    geomeans.find((one) => one.suite !== null && one.rows === undefined)?.speedups[side]?.[metric] ?? null;
  const over = rows.filter((row) => row.speedups[side]?.[metric].lo != null);
  const scope = found?.scope ?? "machines";
  const both = [baseline, side].map((one) => scoresOf(over.map((row) => row.cells[one]?.[metric])));
  return {
    what: "geomean",
    side,
    metric,
    half: found === null ? null : halfOf(found.value, found.lo, found.hi),
    early: rows.some((row) => aim.rounds(row) < firstLook[scope]),
    spread: spreadOf(scope, both),
  };
}

/** A machine's score, the mean of its log medians over some tests, and what its runs add to its variance; null: not known. */
interface Score {
  readonly value: number;
  readonly runs: number | null;
}

/** The score of each machine that is in all of `cells`. */
function scoresOf(cells: readonly (CellResult | undefined)[]): Score[] {
  const [first, ...others] = cells.map((cell) => new Map((cell?.machines ?? []).map((one) => [one.machine, one])));
  if (first === undefined) return [];
  return [...first].flatMap(([name, one]) => {
    const more = others.map((by) => by.get(name));
    if (more.includes(undefined)) return [];
    const parts = [one, ...(more as MachineTime[])];
    const runs = parts.map(runsVariance);
    return [
      {
        value: mean(parts.map(({ median_s }) => Math.log(median_s))),
        runs: runs.includes(null) ? null : (runs as number[]).reduce((sum, each) => sum + each, 0) / parts.length ** 2,
      },
    ];
  });
}

/** ((a + u) / 2 / 1.96)^2 of a machine's median; null under 6 runs. */
function runsVariance({ lo_s, hi_s }: MachineTime): number | null {
  return lo_s === null || hi_s === null ? null : (Math.log(hi_s / lo_s) / 2 / 1.96) ** 2;
}

function spreadOf(scope: Scope, sides: readonly (readonly Score[])[]): Spread | null {
  const runs = sides.flat().map((score) => score.runs);
  if (scope !== "type" || runs.includes(null) || sides.some((side) => side.length < 2)) return null;
  return {
    runs: mean(runs as number[]),
    machines: mean(sides.map((side) => variance(side.map(({ value }) => value)))),
    count: Math.max(...sides.map((side) => side.length)),
  };
}

/** Largest number of machines that is considered; above it none is named. */
const most = 1000;

/** The least number of machines a side with which all would be narrow enough; more than there are. */
async function machinesFor(spreads: readonly Spread[], share: number): Promise<number | undefined> {
  const student = await loadStudent();
  const need = (spread: Spread): number => {
    for (let k = spread.count + 1; k <= most; k++) {
      if (student.quantile(2 * k - 2) * Math.sqrt((2 * spread.machines) / k) < Math.log1p(share)) return k;
    }
    return Infinity;
  };
  const needed = Math.max(...spreads.map(need));
  return needed === Infinity ? undefined : needed;
}
