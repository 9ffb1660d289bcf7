// The interval of one machine's median, from order statistics. It assumes no distribution of the noise.

import { ascending, middleOf } from "./samples.ts";

/** With fewer values, not even the extremes hold the median with a probability of 95 %. */
export const leastForInterval = 6;

/** A median and the ends of its interval, in the unit of the sample. */
export interface MedianInterval {
  readonly median: number;
  readonly lo: number;
  readonly hi: number;
}

/**
 * Returns the median of `values` and its 95 % interval; undefined under 6 values. `sorted`: the same values, least first.
 *
 * Source: Hettmansperger & Sheather (1986), Confidence intervals based on interpolated order statistics, Statistics &
 * Probability Letters 4(2): 75-79.
 */
export function medianInterval(values: ArrayLike<number>, sorted?: ArrayLike<number>): MedianInterval | undefined {
  // A machine is in the interval of every side that it is compared with.
  if (!known.has(values)) known.set(values, intervalOf(sorted ?? ascending(values)));
  return known.get(values);
}

const known = new WeakMap<ArrayLike<number>, MedianInterval | undefined>();

function intervalOf(x: ArrayLike<number>): MedianInterval | undefined {
  const n = x.length;
  const { l, level, next } = rankOf(n);
  if (l === 0) return undefined;
  const share = (level - 0.95) / (level - next);
  const w = ((n - l) * share) / (l + (n - 2 * l) * share);
  const between = (outer: number, inner: number) => (1 - w) * (x[outer - 1] as number) + w * (x[inner - 1] as number);
  return { median: middleOf(x), lo: between(l, l + 1), hi: between(n + 1 - l, n - l) };
}

/** The ranks for 95 % by number of values: machines mostly have the same number of runs. */
const ranks = new Map<number, MedianRank>();

function rankOf(n: number): MedianRank {
  const rank = ranks.get(n) ?? medianRank(n, 0.95);
  ranks.set(n, rank);
  return rank;
}

/** An order statistic, and the probability that it and its mirror hold the median. */
export interface MedianRank {
  /** From 1; 0 where no order statistic suffices. */
  readonly l: number;
  /** Probability that [x(l), x(n+1-l)] holds the median; 0 where `l` is 0. */
  readonly level: number;
  /** The same probability for l + 1, which is below `confidence` or past the middle. */
  readonly next: number;
}

/**
 * Returns the largest l, at most n/2, whose order statistics hold the median with a probability of at least
 * `confidence`.
 */
export function medianRank(n: number, confidence: number): MedianRank {
  let [l, level] = [0, 0];
  for (const next of levels(n)) {
    if (next < confidence || l + 1 > n / 2) return { l, level, next };
    [l, level] = [l + 1, next];
  }
  return { l, level, next: 0 };
}

/** Yields g(1), g(2), …: g(l) = 1 - 2 P(Bin(n, 1/2) <= l - 1). It computes in logs, since 2^-n would underflow. */
function* levels(n: number): Generator<number> {
  let [logChance, tail] = [-n * Math.LN2, 0];
  for (let k = 0; k <= n; k++) {
    tail += Math.exp(logChance);
    yield 1 - 2 * tail;
    logChance += Math.log((n - k) / (k + 1));
  }
}
