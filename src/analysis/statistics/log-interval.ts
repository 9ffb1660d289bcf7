// How far an interval reaches from its point, on the scale of natural logs: exp(d - down) .. exp(d + up).

import { meanLog } from "./samples.ts";

export interface LogInterval {
  /** 0 or more. */
  readonly down: number;
  /** 0 or more. */
  readonly up: number;
  /** Degrees of freedom for the p value. */
  readonly nu: number;
}

/** Differences of logs as small as this come from rounding: no clock sees 1 in 10^12. */
const rounding = 1e-12;

/** The log of the speedup: what the logs of the baseline's times are above the contender's, each the mean of its machines. */
export function logSpeedup(baseline_s: readonly number[], contender_s: readonly number[]): number {
  return snapToZero(meanLog(baseline_s) - meanLog(contender_s));
}

/** `d`, but 0 where it is nothing but rounding. */
export function snapToZero(d: number): number {
  return Math.abs(d) < rounding ? 0 : d;
}

/** Whether 1 lies outside of the interval. */
export function excludesOne(d: number, { down, up }: LogInterval): boolean {
  return d - down > 0 || d + up < 0;
}
