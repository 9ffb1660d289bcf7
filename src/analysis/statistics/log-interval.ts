// An interval on the scale of natural logs, as distances from its point: exp(d - down) to exp(d + up).

import { meanLog } from "./samples.ts";

/** Distances from the point to the interval's ends, on the scale of natural logs. */
export interface LogInterval {
  /** 0 or more. */
  readonly down: number;
  /** 0 or more. */
  readonly up: number;
  /** Degrees of freedom for the p value. */
  readonly nu: number;
}

/** Smaller differences of logs are rounding errors: no clock resolves 1 in 10^12. */
const rounding = 1e-12;

/**
 * Returns the log of the speedup: mean log of the baseline's medians less that of the contender's. Medians in seconds.
 */
export function logSpeedup(baseline_s: readonly number[], contender_s: readonly number[]): number {
  return snapToZero(meanLog(baseline_s) - meanLog(contender_s));
}

/** Returns `d`, or 0 where `d` is only a rounding error. */
export function snapToZero(d: number): number {
  return Math.abs(d) < rounding ? 0 : d;
}

/** Whether the interval of the speedup excludes 1. */
export function excludesOne(d: number, { down, up }: LogInterval): boolean {
  return d - down > 0 || d + up < 0;
}
