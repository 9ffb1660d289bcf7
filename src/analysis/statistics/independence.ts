// Tests whether runs are independent in time. On a machine that warms up or slows down, neighbouring runs are similar.

import { ascending } from "./samples.ts";

/** The least number of runs that can be tested. */
const leastRuns = 9;

/**
 * Whether neighbours in `series`, in run order, are more similar than by chance. Undefined under 9 values, or where all
 * values are equal. `sorted`: the same values, least first. Also true for 2 to 2.5 % of independent series. Equal values share their mean rank.
 *
 * Source: Bartels (1982), The rank version of von Neumann's ratio test for randomness, JASA 77(377): 40-46.
 */
export function isSeriallyCorrelated(
  series: ArrayLike<number>,
  sorted: ArrayLike<number> = ascending(series),
): boolean | undefined {
  const n = series.length;
  if (n < leastRuns) return undefined;
  const ranks = midRanks(series, sorted);
  let [spread, steps] = [0, 0];
  for (let i = 0; i < n; i++) {
    const rank = ranks[i] as number;
    spread += (rank - (n + 1) / 2) ** 2;
    if (i > 0) steps += (rank - (ranks[i - 1] as number)) ** 2;
  }
  if (spread === 0) return undefined;
  const deviation = Math.sqrt((4 * (n - 2) * (5 * n * n - 2 * n - 9)) / (5 * n * (n + 1) * (n - 1) ** 2));
  return (steps / spread - 2) / deviation < -1.96;
}

/**
 * Whether `flagged` of `all` series are more than chance explains: at least three, and three standard errors above 5 %.
 */
export function exceedsChance(flagged: number, all: number): boolean {
  return flagged >= 3 && flagged / all > 0.05 + 3 * Math.sqrt((0.05 * 0.95) / all);
}

function midRanks(values: ArrayLike<number>, sorted: ArrayLike<number>): Float64Array {
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < ranks.length; i++) {
    const value = values[i] as number;
    const first = firstFrom(sorted, value);
    let last = first;
    while (sorted[last + 1] === value) last += 1;
    ranks[i] = (first + last) / 2 + 1;
  }
  return ranks;
}

/** Returns the place of the first of `sorted` that is not below `value`. */
function firstFrom(sorted: ArrayLike<number>, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
