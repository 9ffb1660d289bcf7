// What a capture takes away: times that its clock cannot tell, and intervals that its clock and its own cost widen.

import type { KeptMachine } from "./kept-runs.ts";
import type { LogInterval } from "../statistics/log-interval.ts";
import { meanLog } from "../statistics/samples.ts";

/** Under so many ticks of the clock a time is too short to be compared. */
const leastTicks = 10;

/** Whether one of `machines` has a kept time of 0, or a median under ten ticks; `resolution_s` 0: not known. */
export function isTooShort(machines: readonly KeptMachine[], resolution_s: number): boolean {
  // A hair less than ten ticks: 10 x 0.07 is a little above 0.7 in binary.
  const least_s = leastTicks * resolution_s * (1 - 1e-9);
  return machines.some(({ median_s, times_s }) => median_s < least_s || times_s.includes(0));
}

/** `reach` around the log speedup `d`, never narrower than half a tick of the clock either way. */
export function widenByResolution(
  reach: LogInterval,
  d: number,
  medians: SideMedians,
  resolution_s: number,
): LogInterval {
  if (resolution_s === 0) return reach;
  const half = resolution_s / 2;
  const moved = (side: readonly number[], by: number) => meanLog(side.map((median) => median + by));
  const least = moved(medians.baseline_s, -half) - moved(medians.contender_s, half);
  const most = moved(medians.baseline_s, half) - moved(medians.contender_s, -half);
  return { down: Math.max(reach.down, d - least), up: Math.max(reach.up, most - d), nu: reach.nu };
}

/**
 * `reach` around the log speedup `d`, wide enough to hold it as well where what each side's capture adds is taken off its
 * times. It is unchanged where both add the same, which is no difference between sides.
 */
export function widenByFixedCost(
  reach: LogInterval,
  d: number,
  { baseline_s, contender_s }: SideMedians,
  fixed_s: { readonly baseline: number; readonly contender: number } = { baseline: 0, contender: 0 },
): LogInterval {
  if (fixed_s.baseline === fixed_s.contender) return reach;
  const less = (side: readonly number[], by: number) =>
    meanLog(side.map((median) => Math.max(median - by, median / 100)));
  const moved = less(baseline_s, fixed_s.baseline) - less(contender_s, fixed_s.contender) - d;
  return { down: reach.down + Math.max(0, -moved), up: reach.up + Math.max(0, moved), nu: reach.nu };
}

/** The machines' medians of both sides, each well above `resolution_s`. */
export interface SideMedians {
  readonly baseline_s: readonly number[];
  readonly contender_s: readonly number[];
}
