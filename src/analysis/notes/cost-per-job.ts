// Computes what a row costs: its real time at the price of the whole machine, however many CPUs were busy.
//
// Prices count as exact, so the intervals are those of the times.

import type { CellResult, SpeedupResult } from "../comparison/comparison.ts";
import type { LogInterval } from "../statistics/log-interval.ts";
import { variance } from "../statistics/samples.ts";
import { loadStudent } from "../statistics/student.ts";

/** The price of one job in dollars, with the ends of its 95 % interval; both null where there is none. */
export interface CostPerJob {
  readonly usd: number;
  readonly lo: number | null;
  readonly hi: number | null;
}

/**
 * Returns the cost of one job; null where the cell has no time. `cell`: of real time. `sharedHost`: machines share a
 * host.
 */
export async function costPerJob(
  cell: CellResult,
  usd_per_hour: number,
  sharedHost: boolean,
): Promise<CostPerJob | null> {
  if (cell.time_s === null) return null;
  const usd = (cell.time_s * usd_per_hour) / 3600;
  const interval = await intervalOf(cell, sharedHost);
  if (interval === null) return { usd, lo: null, hi: null };
  return { usd, lo: usd * Math.exp(-interval.down), hi: usd * Math.exp(interval.up) };
}

/** Returns how many jobs on the contender cost as much as one job on the baseline. `speedup`: of real time. */
export function jobsPerBaselineJob(
  speedup: SpeedupResult,
  baseline_usd: number,
  contender_usd: number,
): Pick<SpeedupResult, "value" | "lo" | "hi"> {
  const scaled = (ratio: number | null): number | null =>
    ratio === null ? null : (ratio * baseline_usd) / contender_usd;
  return { value: scaled(speedup.value), lo: scaled(speedup.lo), hi: scaled(speedup.hi) };
}

/** Returns the interval of one side: for its type where its machines have separate hosts, else for these machines. */
async function intervalOf({ machines }: CellResult, sharedHost: boolean): Promise<Omit<LogInterval, "nu"> | null> {
  const k = machines.length;
  if (k >= 2 && !sharedHost) {
    const spread = Math.sqrt(variance(machines.map(({ median_s }) => Math.log(median_s))) / k);
    const halfWidth = spread === 0 ? 0 : (await loadStudent()).quantile(k - 1) * spread;
    return { down: halfWidth, up: halfWidth };
  }
  const halfWidths = machines.flatMap(({ median_s, lo_s, hi_s }) =>
    lo_s === null || hi_s === null ? [] : [{ down: Math.log(median_s / lo_s) / k, up: Math.log(hi_s / median_s) / k }],
  );
  if (k === 0 || halfWidths.length < k) return null;
  return {
    down: Math.hypot(...halfWidths.map(({ down }) => down)),
    up: Math.hypot(...halfWidths.map(({ up }) => up)),
  };
}
