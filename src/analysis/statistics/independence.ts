// Tests whether runs are independent in time. On a machine that warms up or slows down, neighbouring runs are similar.

import { ascending } from "./samples.ts";

/** The least number of runs that can be tested. */
const leastRuns = 9;

/**
 * Whether neighbours in `series`, in run order, are more similar than by chance. Undefined under 9 values, or where all
 * values are equal. Also true for 2 to 2.5 % of independent series. Equal values share their mean rank.
 *
 * Source: Bartels (1982), The rank version of von Neumann's ratio test for randomness, JASA 77(377): 40-46.
 */
export function isSeriallyCorrelated(series: readonly number[]): boolean | undefined {
  const n = series.length;
  if (n < leastRuns) return undefined;
  const ranks = midRanks(series);
  const spread = ranks.reduce((sum, rank) => sum + (rank - (n + 1) / 2) ** 2, 0);
  if (spread === 0) return undefined;
  const steps = ranks.slice(1).reduce((sum, rank, i) => sum + (rank - (ranks[i] as number)) ** 2, 0);
  const deviation = Math.sqrt((4 * (n - 2) * (5 * n * n - 2 * n - 9)) / (5 * n * (n + 1) * (n - 1) ** 2));
  return (steps / spread - 2) / deviation < -1.96;
}

/**
 * Whether `flagged` of `all` series are more than chance explains: at least three, and three standard errors above 5 %.
 */
export function exceedsChance(flagged: number, all: number): boolean {
  return flagged >= 3 && flagged / all > 0.05 + 3 * Math.sqrt((0.05 * 0.95) / all);
}

function midRanks(values: readonly number[]): number[] {
  const [first, last] = [new Map<number, number>(), new Map<number, number>()];
  for (const [place, value] of ascending(values).entries()) {
    if (!first.has(value)) first.set(value, place);
    last.set(value, place);
  }
  return values.map((value) => ((first.get(value) ?? 0) + (last.get(value) ?? 0)) / 2 + 1);
}
