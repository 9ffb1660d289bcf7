// The interval at scope "machines": it combines the intervals of all medians and is a claim about these machines only.

import { medianInterval } from "./median-interval.ts";
import type { LogInterval } from "./log-interval.ts";
import { rootOfSquares } from "./samples.ts";

/**
 * Returns the interval of the log speedup of these machines. Each machine is given by its kept times, in seconds, above
 * 0. Undefined where a machine has fewer than 6 times, or a side has no machines.
 *
 * Source: MOVER, the method of variance estimates recovery: Zou & Donner (2008), Statistics in Medicine 27(10):
 * 1693-1702.
 */
export function machinesInterval(
  baseline: readonly ArrayLike<number>[],
  contender: readonly ArrayLike<number>[],
): LogInterval | undefined {
  const [b, c] = [baseline.map(halfWidthsOf), contender.map(halfWidthsOf)];
  if (b.length === 0 || c.length === 0 || !b.every(isKnown) || !c.every(isKnown)) return undefined;
  const below = (half: HalfWidths) => half.below;
  const above = (half: HalfWidths) => half.above;
  return {
    down: rootOfSquares([...shares(b, below), ...shares(c, above)]),
    up: rootOfSquares([...shares(b, above), ...shares(c, below)]),
    nu: [...baseline, ...contender].reduce((least, { length }) => Math.min(least, length), Infinity) - 1,
  };
}

/** Distances from the log of a machine's median to the ends of its interval. */
interface HalfWidths {
  readonly below: number;
  readonly above: number;
}

function halfWidthsOf(times: ArrayLike<number>): HalfWidths | undefined {
  const interval = medianInterval(times);
  if (interval === undefined) return undefined;
  return { below: Math.log(interval.median / interval.lo), above: Math.log(interval.hi / interval.median) };
}

function isKnown(half: HalfWidths | undefined): half is HalfWidths {
  return half !== undefined;
}

function shares(side: readonly HalfWidths[], half: (of: HalfWidths) => number): number[] {
  return side.map((of) => half(of) / side.length);
}
