// What the resolution of a clock takes away: times that it cannot tell, and intervals that it cannot narrow.

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

/** The machines' medians of both sides, each well above `resolution_s`. */
export interface SideMedians {
  readonly baseline_s: readonly number[];
  readonly contender_s: readonly number[];
}
