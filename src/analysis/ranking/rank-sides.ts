// Ranks the sides of a comparison, and says which of them cannot be told apart (docs/statistics.md, "Ranking").

import { defined } from "../../domain/defined.ts";
import type { Comparison, Scope, ScoreTable, SideScore } from "../comparison/comparison.ts";
import { pValue } from "../comparison/verdict.ts";
import type { CostPerJob } from "../notes/cost-per-job.ts";
import { holm } from "../statistics/family-wise.ts";
import { type LogInterval, snapToZero } from "../statistics/log-interval.ts";
import { variance } from "../statistics/samples.ts";
import { loadStudent, type Student } from "../statistics/student.ts";
import { typeInterval } from "../statistics/type-interval.ts";
import { compactLetters } from "./compact-letters.ts";
import type { RankBy, RankedSide, Ranking, UnrankedSide } from "./ranking.ts";

/** What sides are ranked by, and what an hour of their machines costs. */
export interface RankOptions {
  readonly by: RankBy;
  /** By side. Dollars; absent: not known. */
  readonly usd_per_hour?: Readonly<Record<string, number>>;
  readonly market?: Ranking["market"];
}

/**
 * Returns the ranking of the sides; undefined with fewer than four, and where they have no row in common.
 *
 * @example
 * import { buildReportData, rankSides } from "timetrial";
 * import { resultFolders } from "timetrial/adapters";
 *
 * const run = await resultFolders("results").load("20261124-031500-3fa9");
 * const { comparison } = await buildReportData(run, run.plan.spec.baseline);
 * const ranking = await rankSides(comparison, { by: "cost", usd_per_hour: { "c7g.large": 0.0725 } });
 * for (const { rank, side, groups } of ranking?.sides ?? []) console.log(rank, side, groups.join(""));
 */
export async function rankSides(comparison: Comparison, options: RankOptions): Promise<Ranking | undefined> {
  const { by, usd_per_hour = {} } = options;
  const { scores, baseline, sides } = comparison;
  const table = scores?.[by === "cpu" ? "cpu" : "real"];
  if (scores === undefined || table === undefined || table.rows.length === 0) return undefined;
  const student = await loadStudent();
  const priceOf = (side: string): number => (by === "cost" ? (usd_per_hour[side] ?? Number.NaN) : 1);
  const scored = sides.flatMap((side) => {
    const score = table.sides[side] ?? null;
    return score === null || Number.isNaN(priceOf(side)) ? [] : [{ side, score, loss: score.time_s * priceOf(side) }];
  });
  const ranked = scored.toSorted((a, b) => a.loss - b.loss);
  const tests = pairsOf(ranked, student);
  const letters = lettersOf(ranked, tests);
  const baseline_s = table.sides[baseline]?.time_s ?? Number.NaN;
  const jobs = new Map(sides.map((side) => [side, jobOf(scores.real, side, usd_per_hour[side], student)]));
  return {
    by,
    ...defined({ market: options.market }),
    rows: table.rows.length,
    of: comparison.rows.length,
    pairs: tests.length,
    scope: scopeOf(tests),
    sides: ranked.map(({ side, score }, i): RankedSide => ({
      rank: i + 1,
      side,
      time_s: score.time_s,
      speedup: {
        value: side === baseline ? 1 : (score.geomean?.value ?? baseline_s / score.time_s),
        lo: score.geomean?.lo ?? null,
        hi: score.geomean?.hi ?? null,
        leave_one_out: score.geomean?.leave_one_out ?? null,
      },
      groups: letters.get(side) ?? [],
      job: jobs.get(side) ?? null,
      unbeaten: isUnbeaten(side, scores.real, jobs),
    })),
    unranked: sides.flatMap((side): UnrankedSide[] => {
      if (ranked.some((one) => one.side === side)) return [];
      return [{ side, reason: (table.sides[side] ?? null) === null ? "lacks-rows" : "no-price" }];
    }),
  };
}

interface ScoredSide {
  readonly side: string;
  readonly score: SideScore;
  /** What is ranked by: seconds, or dollars. The least is the best. */
  readonly loss: number;
}

interface PairTest {
  /** Places in the ranking. */
  readonly a: number;
  readonly b: number;
  readonly p: number;
  readonly scope: Scope;
}

/** Tests every pair that has an interval. Prices count as exact, so that they move the difference alone. */
function pairsOf(ranked: readonly ScoredSide[], student: Student): PairTest[] {
  return ranked.flatMap((one, a) =>
    ranked.slice(a + 1).flatMap((other, i): PairTest[] => {
      const d = snapToZero(Math.log(one.loss) - Math.log(other.loss));
      const found = pairInterval(one.score, other.score, d, student);
      if (found === undefined) return [];
      return [{ a, b: a + 1 + i, p: pValue(d, found.interval, student), scope: found.scope }];
    }),
  );
}

/** Returns the interval of the difference of two scores' logs, at the scope that both sides allow. */
function pairInterval(
  one: SideScore,
  other: SideScore,
  d: number,
  student: Student,
): { readonly interval: LogInterval; readonly scope: Scope } | undefined {
  const tick = one.half_tick + other.half_tick;
  const widened = ({ down, up, nu }: LogInterval): LogInterval => ({
    down: Math.max(down, tick),
    up: Math.max(up, tick),
    nu,
  });
  if (one.machines.length > 1 && other.machines.length > 1) {
    const interval = widened(typeInterval(logsOf(one), logsOf(other), student));
    // Machines of a type never agree to the last digit. Times that do agree say nothing about the type.
    return d !== 0 && interval.down === 0 ? undefined : { interval, scope: "type" };
  }
  const [first, second] = [distances(one), distances(other)];
  if (first === undefined || second === undefined) return undefined;
  const interval = widened({
    down: Math.hypot(first.below, second.above),
    up: Math.hypot(first.above, second.below),
    nu: Math.min(one.rounds, other.rounds) - 1,
  });
  return { interval, scope: "machines" };
}

function logsOf({ machines }: SideScore): number[] {
  return machines.map(({ time_s }) => Math.log(time_s));
}

function distances({ time_s, lo_s, hi_s }: SideScore): { readonly below: number; readonly above: number } | undefined {
  if (lo_s === null || hi_s === null) return undefined;
  return { below: Math.log(time_s / lo_s), above: Math.log(hi_s / time_s) };
}

/** Returns the letters of every side that was tested against another. */
function lettersOf(ranked: readonly ScoredSide[], tests: readonly PairTest[]): ReadonlyMap<string, readonly string[]> {
  const adjusted = holm(tests.map(({ p }) => p));
  const apart = new Set(tests.flatMap(({ a, b }, i) => ((adjusted[i] as number) <= 0.05 ? [`${a} ${b}`] : [])));
  const tested = [...new Set(tests.flatMap(({ a, b }) => [a, b]))].toSorted((a, b) => a - b);
  const differ = (a: number, b: number): boolean => apart.has(`${Math.min(a, b)} ${Math.max(a, b)}`);
  const letters = compactLetters(tested.length, (a, b) => differ(tested[a] as number, tested[b] as number));
  return new Map(tested.map((place, i) => [ranked[place]?.side ?? "", letters[i] ?? []]));
}

function scopeOf(tests: readonly PairTest[]): Ranking["scope"] {
  const [scope, another] = new Set(tests.map((test) => test.scope));
  return another === undefined ? (scope ?? null) : "mixed";
}

/** Returns what a job of the side's mean real time costs, with the interval of that time. */
function jobOf(
  { sides }: ScoreTable,
  side: string,
  usd_per_hour: number | undefined,
  student: Student,
): CostPerJob | null {
  const score = sides[side] ?? null;
  if (score === null || usd_per_hour === undefined) return null;
  const usd = (score.time_s * usd_per_hour) / 3600;
  const k = score.machines.length;
  if (k > 1) {
    const spread = Math.sqrt(variance(logsOf(score)) / k);
    const halfWidth = spread === 0 ? 0 : student.quantile(k - 1) * spread;
    return { usd, lo: usd * Math.exp(-halfWidth), hi: usd * Math.exp(halfWidth) };
  }
  const [lo, hi] = [score.lo_s, score.hi_s];
  return {
    usd,
    lo: lo === null ? null : (usd * lo) / score.time_s,
    hi: hi === null ? null : (usd * hi) / score.time_s,
  };
}

/** Whether no side is at least as good as `side` in time and money, and better in one; null without a price. */
function isUnbeaten(side: string, { sides }: ScoreTable, jobs: ReadonlyMap<string, CostPerJob | null>): boolean | null {
  const [own, job] = [sides[side] ?? null, jobs.get(side) ?? null];
  if (own === null || job === null) return null;
  return ![...jobs].some(([other, its]) => {
    const time_s = sides[other]?.time_s;
    if (its === null || time_s === undefined || time_s > own.time_s || its.usd > job.usd) return false;
    return time_s < own.time_s || its.usd < job.usd;
  });
}
