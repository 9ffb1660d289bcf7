// Allows for the capture: excludes times too short for its clock, and widens intervals by its clock and its own cost.

import type { KeptMachine } from "./kept-runs.ts";
import type { LogInterval } from "../statistics/log-interval.ts";
import { meanLog } from "../statistics/samples.ts";

/** A time of fewer ticks of the clock is too short to be compared. */
const leastTicks = 10;

/** Whether a machine has a kept time of 0 or a median under ten ticks. `resolution_s` 0: not known. */
export function isTooShort(machines: readonly KeptMachine[], resolution_s: number): boolean {
  // Slightly less than ten ticks, since 10 x 0.07 is a little above 0.7 in binary.
  const least_s = leastTicks * resolution_s * (1 - 1e-9);
  return machines.some(({ median_s, times_s }) => median_s < least_s || times_s.includes(0));
}

/** Widens the interval of the log speedup `d` to at least half a tick of the clock in both directions. */
export function widenByResolution(
  interval: LogInterval,
  d: number,
  medians: SideMedians,
  resolution_s: number,
): LogInterval {
  if (resolution_s === 0) return interval;
  const half = resolution_s / 2;
  const moved = (side: readonly number[], by: number) => meanLog(side.map((median) => median + by));
  const least = moved(medians.baseline_s, -half) - moved(medians.contender_s, half);
  const most = moved(medians.baseline_s, half) - moved(medians.contender_s, -half);
  return { down: Math.max(interval.down, d - least), up: Math.max(interval.up, most - d), nu: interval.nu };
}

/**
 * Widens the interval of the log speedup `d` so that it also holds the speedup of the times less what each side's
 * capture adds. It stays where both captures add the same, which is no difference between sides.
 */
export function widenByFixedCost(
  interval: LogInterval,
  d: number,
  { baseline_s, contender_s }: SideMedians,
  fixed_s: { readonly baseline: number; readonly contender: number } = { baseline: 0, contender: 0 },
): LogInterval {
  if (fixed_s.baseline === fixed_s.contender) return interval;
  const less = (side: readonly number[], by: number) =>
    meanLog(side.map((median) => Math.max(median - by, median / 100)));
  const moved = less(baseline_s, fixed_s.baseline) - less(contender_s, fixed_s.contender) - d;
  return { down: interval.down + Math.max(0, -moved), up: interval.up + Math.max(0, moved), nu: interval.nu };
}

/** Medians of the machines of both sides, each well above the clock's resolution. */
export interface SideMedians {
  readonly baseline_s: readonly number[];
  readonly contender_s: readonly number[];
}
