// Recomputes ranks, means and groups from the runs. The code is independent of the ranking's, so that one error cannot
// be in both.

import type { Comparison, SideScore } from "../comparison/comparison.ts";
import type { RowRuns } from "../comparison/row-runs.ts";
import type { RankedSide, Ranking } from "../ranking/ranking.ts";
import { medianInterval } from "../statistics/median-interval.ts";
import { loadStudent, type Student } from "../statistics/student.ts";
import { middle, same } from "./medians.ts";

/**
 * Returns where `ranking`, by real or CPU time, differs from what the rows' `runs` say: `ranking: c7g: expected rank 2,
 * found 1`.
 */
export async function recomputeRanking(
  comparison: Comparison,
  runs: readonly RowRuns[],
  ranking: Ranking,
): Promise<string[]> {
  const student = await loadStudent();
  const sides = new Map(ranking.sides.map(({ side }) => [side, sideFromRuns(comparison, runs, side, ranking.by)]));
  const score = (side: string): number => sides.get(side)?.score ?? Number.NaN;
  const order = ranking.sides.map(({ side }) => side).sort((a, b) => score(a) - score(b));
  const found = ranking.sides.flatMap((one) => {
    const due = order[one.rank - 1] ?? "";
    // Sides of equal times may stand in either order.
    const isPlaced = due === one.side || same(Math.exp(score(due)), Math.exp(score(one.side)));
    return [
      ...(isPlaced ? [] : [`${one.side}: expected rank ${order.indexOf(one.side) + 1}, found ${one.rank}`]),
      ...meanFaults(one, score(one.side), score(comparison.baseline)),
    ];
  });
  return [...found, ...groupFaults(ranking.sides, sides, student)].map((what) => `ranking: ${what}`);
}

/** A side over the rows of the ranking, on the scale of natural logs. */
interface SideFromRuns {
  readonly score: number;
  /** By machine, where they are a sample of their type. */
  readonly machines: readonly number[];
  /** Distances from the score to the ends of its interval on these machines. */
  readonly reach: readonly [below: number, above: number] | undefined;
  readonly rounds: number;
  readonly tick: number;
}

function sideFromRuns(
  { rows, scores }: Comparison,
  runs: readonly RowRuns[],
  side: string,
  by: Ranking["by"],
): SideFromRuns {
  const metric = by === "cpu" ? "cpu" : "real";
  const table = scores?.[metric];
  const places = table?.rows ?? [];
  const names = places.map((place) =>
    (rows[place]?.cells[side]?.[metric].machines ?? []).map(({ machine }) => machine),
  );
  // By row and machine: the times of the rounds.
  const times = places.map((place, i) =>
    (names[i] ?? []).map((machine) => timesOf(runs[place], side, machine, metric)),
  );
  const medians = times.map((row) => row.map((one) => Math.log(middle(one.times_s))));
  const isSample = isSampleOfType(table?.sides[side]);
  // Where all sides are samples of their types, no pair is judged by rounds.
  const needsRounds = !Object.values(table?.sides ?? {}).every(isSampleOfType);
  const common = (names[0] ?? []).filter((name) => needsRounds && names.every((row) => row.includes(name)));
  const rounds = common.map((name) =>
    meansOfRounds(times.flatMap((row, i) => row[(names[i] ?? []).indexOf(name)] ?? [])),
  );
  return {
    score: average(medians.map(average)),
    machines: isSample ? (names[0] ?? []).map((_, m) => average(medians.map((row) => row[m] as number))) : [],
    reach: needsRounds
      ? reachOf(
          times.map((row) => row.map((one) => Array.from(one.times_s))),
          rounds.map((logs) => logs.map(Math.exp)),
        )
      : undefined,
    rounds: Math.min(...rounds.map(({ length }) => length)),
    tick: table?.sides[side]?.half_tick ?? 0,
  };
}

function isSampleOfType(score: SideScore | null | undefined): boolean {
  return (score?.machines.length ?? 0) > 1;
}

/** The times of one machine's runs of one row that count, by round. */
interface TimesOfRounds {
  readonly rounds: Float64Array;
  readonly times_s: Float64Array;
}

function timesOf(runs: RowRuns | undefined, side: string, machine: string, metric: "real" | "cpu"): TimesOfRounds {
  const counted = runs?.counted(side, machine);
  const nothing = new Float64Array();
  return {
    rounds: counted?.rounds ?? nothing,
    times_s: (metric === "real" ? counted?.real_s : counted?.cpu_s) ?? nothing,
  };
}

/** Returns the mean of the logs of `rows`, which are those of one machine, for each round that all of them have. */
function meansOfRounds(rows: readonly TimesOfRounds[]): number[] {
  const [first, ...others] = rows;
  const at = others.map(() => 0);
  const means: number[] = [];
  for (const [k, round] of first?.rounds.entries() ?? []) {
    let sum = Math.log(first?.times_s[k] as number);
    let found = 1;
    for (const [o, { rounds, times_s }] of others.entries()) {
      let place = at[o] as number;
      while ((rounds[place] ?? Infinity) < round) place += 1;
      at[o] = place;
      if (rounds[place] !== round) continue;
      sum += Math.log(times_s[place] as number);
      found += 1;
    }
    if (found === rows.length) means.push(sum / found);
  }
  return means;
}

/** Returns how far the mean of logs may lie below and above: the wider of that by rows, and that by rounds. Both are of times. */
function reachOf(
  rows: readonly (readonly (readonly number[])[])[],
  rounds: readonly (readonly number[])[],
): SideFromRuns["reach"] {
  const squares = (lists: readonly (readonly number[])[], share: number): [number, number] | undefined => {
    const sums: [number, number] = [0, 0];
    for (const list of lists) {
      const found = medianInterval(list);
      if (found === undefined) return undefined;
      sums[0] += (Math.log(found.median / found.lo) * share) ** 2;
      sums[1] += (Math.log(found.hi / found.median) * share) ** 2;
    }
    return lists.length === 0 ? undefined : [Math.sqrt(sums[0]), Math.sqrt(sums[1])];
  };
  const ofRows = rows.map((machines) => squares(machines, 1 / (machines.length * rows.length)));
  const ofRounds = squares(rounds, 1 / rounds.length);
  if (ofRounds === undefined || ofRows.some((row) => row === undefined)) return undefined;
  const end = (i: 0 | 1): number => Math.max(Math.hypot(...ofRows.map((row) => row?.[i] ?? 0)), ofRounds[i]);
  return [end(0), end(1)];
}

function meanFaults({ side, time_s, speedup }: RankedSide, own: number, baseline: number): string[] {
  const value = Math.exp(baseline - own);
  return [
    ...(same(Math.exp(own), time_s) ? [] : [`${side}: expected a mean of ${Math.exp(own)} s, found ${time_s} s`]),
    ...(same(value, speedup.value) ? [] : [`${side}: expected a speedup of ${value}, found ${speedup.value}`]),
    ...((speedup.lo ?? value) > speedup.value || (speedup.hi ?? value) < speedup.value
      ? [`${side}: expected ${speedup.lo} to ${speedup.hi} to hold ${speedup.value}`]
      : []),
  ];
}

/** Finds pairs that share a letter and differ, or share none and do not. */
function groupFaults(
  ranked: readonly RankedSide[],
  sides: ReadonlyMap<string, SideFromRuns>,
  student: Student,
): string[] {
  const pairs = ranked
    .flatMap((one, i) => ranked.slice(i + 1).map((other) => ({ one, other })))
    .flatMap(({ one, other }) => {
      const p = chance(sides.get(one.side), sides.get(other.side), student);
      return p === undefined ? [] : [{ one, other, p }];
    })
    .sort((a, b) => a.p - b.p);
  // From the least p on, up to the first that is too large for the number of those that are left.
  const first = pairs.findIndex(({ p }, i) => p * (pairs.length - i) > 0.05);
  return pairs.flatMap(({ one, other, p }, i) => {
    const differ = first < 0 || i < first;
    // A p value at the very limit may fall on either side of it.
    if (Math.abs(p * (pairs.length - i) - 0.05) < 1e-6) return [];
    const isShared = one.groups.some((letter) => other.groups.includes(letter));
    if (isShared !== differ) return [];
    return [`${one.side} and ${other.side}: expected ${differ ? "no letter" : "a letter"} in common`];
  });
}

/** Returns the p value of two sides; undefined where there is no interval. */
function chance(one: SideFromRuns | undefined, other: SideFromRuns | undefined, student: Student): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  const d = Math.abs(one.score - other.score);
  if (d < 1e-12) return 1;
  const [slow, fast] = one.score > other.score ? [one, other] : [other, one];
  const tick = one.tick + other.tick;
  if (one.machines.length > 1 && other.machines.length > 1) {
    const [v, w] = [errorOf(one.machines), errorOf(other.machines)];
    const nu = (v + w) ** 2 / (v ** 2 / (one.machines.length - 1) + w ** 2 / (other.machines.length - 1));
    if (v + w === 0) return tick === 0 ? undefined : d > tick ? 0 : 1;
    return student.twoSidedP(
      Math.min(d / Math.sqrt(v + w), tick === 0 ? Infinity : (student.quantile(nu) * d) / tick),
      nu,
    );
  }
  if (slow.reach === undefined || fast.reach === undefined) return undefined;
  const nu = Math.min(one.rounds, other.rounds) - 1;
  const h = Math.max(Math.hypot(slow.reach[0], fast.reach[1]), tick);
  return h === 0 ? 0 : student.twoSidedP((student.quantile(nu) * d) / h, nu);
}

/** Returns the squared standard error of a mean. */
function errorOf(values: readonly number[]): number {
  const centre = average(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1) / values.length;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
