// Decides whether the intervals of a comparison are narrow enough to stop, and if not, whether more runs would help
// (docs/statistics.md, "Stopping"). The decision depends only on widths: a run that stops on a verdict stops when
// chance happens to favour one.

import { defined } from "../../domain/defined.ts";
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

/** The goal for the intervals' widths. */
export interface WidthGoal {
  /** Half the width of an interval over its figure must be below this share: 0.01 is 1 %. */
  readonly share: number;
  readonly of: "rows" | "geomean";
  readonly metrics: readonly Metric[];
  /** Returns the row's name for messages. */
  readonly nameOf: (row: Pick<ComparedRow, "suite" | "row" | "impl">) => string;
  /** Returns the row's number of rounds after warm-up so far. */
  readonly rounds: (row: Pick<ComparedRow, "suite" | "row" | "impl">) => number;
  /** Whether the sides are not compared: the goal then applies to each machine's own median. */
  readonly apart: boolean;
}

/**
 * Decides whether the runs so far are enough. `comparison` is of one suite.
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
  const wide = missed.map(({ what, side, metric, half }): WideInterval => ({
    what,
    side,
    metric,
    ...defined({ half: half ?? undefined }),
  }));
  if (figures.some(({ early }) => early)) return { enough: false, missed: wide };
  if (missed.length === 0) return { enough: true, why: "width", missed: [] };
  const spreads = missed.map(({ spread }) => spread);
  // More runs are worthwhile while they narrow, or may narrow, at least one interval.
  if (!spreads.every((spread) => spread !== null && spread.runs < leastRunShare * spread.machines))
    return { enough: false, missed: wide };
  const machines = await machinesFor(spreads as Spread[], aim.share);
  return { enough: true, why: "machines", missed: wide, ...defined({ machines }) };
}

/** More runs help only while the variance from runs is at least this share of the variance between machines. */
const leastRunShare = 0.2;

interface Figure {
  readonly what: string;
  readonly side: string;
  readonly metric: Metric;
  /** Half the width over the figure; null where there is no interval yet. */
  readonly half: number | null;
  /** Whether there are too few rounds for a first look. */
  readonly early: boolean;
  /** Null where more runs may always help. */
  readonly spread: Spread | null;
}

/** Variances on the scale of logs. */
interface Spread {
  /** Variance of a machine's score that comes from its runs: the mean over the machines. */
  readonly runs: number;
  /** Variance of the scores between machines: the mean of both sides. */
  readonly machines: number;
  /** Number of machines of the larger side. */
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

/** Returns half the width over the figure; null without an interval. */
function relativeHalfWidth(value: number, lo: number | null, hi: number | null): number | null {
  return lo === null || hi === null ? null : (hi - lo) / 2 / value;
}

/** Returns the medians of the machines of `side`; empty where its cell has no time. */
function mediansOf(row: ComparedRow, side: string, aim: WidthGoal): Figure[] {
  return aim.metrics.flatMap((metric) =>
    (row.cells[side]?.[metric].machines ?? []).map(({ machine, median_s, lo_s, hi_s }) => ({
      what: aim.nameOf(row),
      side: machine,
      metric,
      half: relativeHalfWidth(median_s, lo_s, hi_s),
      early: aim.rounds(row) < firstLook.machines,
      spread: null,
    })),
  );
}

interface ComparedCellKey {
  readonly baseline: string;
  readonly side: string;
  readonly metric: Metric;
}

/** Returns the figure of `row`'s speedup; empty where it has none, since more runs would not give it one. */
function rowFigure(row: ComparedRow, { baseline, side, metric }: ComparedCellKey, aim: WidthGoal): Figure[] {
  const speedup: SpeedupResult | undefined = row.speedups[side]?.[metric];
  if (speedup === undefined || speedup.value === null) return [];
  const { value, lo, hi, scope } = speedup;
  const both = [row.cells[baseline]?.[metric], row.cells[side]?.[metric]].map((cell) => scoresOf([cell]));
  return [
    {
      what: aim.nameOf(row),
      side,
      metric,
      half: relativeHalfWidth(value, lo, hi),
      early: aim.rounds(row) < firstLook[scope],
      spread: spreadOf(scope, both),
    },
  ];
}

function meanFigure(
  { rows, geomeans, baseline }: Comparison,
  { side, metric }: Omit<ComparedCellKey, "baseline">,
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
    half: found === null ? null : relativeHalfWidth(found.value, found.lo, found.hi),
    early: rows.some((row) => aim.rounds(row) < firstLook[scope]),
    spread: spreadOf(scope, both),
  };
}

/** A machine's score over some tests. */
interface Score {
  /** Mean of the machine's log medians over the tests. */
  readonly value: number;
  /** Variance of the score that comes from the machine's runs; null: not known. */
  readonly runs: number | null;
}

/** Computes the score of each machine that is in all of `cells`. */
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

/** Estimates the variance of a machine's log median from its interval: ((a + u) / 2 / 1.96)^2; null under 6 runs. */
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

/** Largest number of machines that is considered; above it, no number is given. */
const most = 1000;

/**
 * Returns the least number of machines per side, above the current one, with which all intervals would be narrow
 * enough.
 */
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
