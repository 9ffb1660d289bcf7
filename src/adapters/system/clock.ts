// The real clock.

import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

/**
 * The system's own clock.
 *
 * @example
 * import { systemClock } from "timetrial/adapters";
 *
 * const start_s = systemClock.monotonic_s();
 * await systemClock.sleep(1);
 * console.log(systemClock.monotonic_s() - start_s);
 */
export const systemClock: Clock = {
  now: () => new Date(),
  // Not by performance, which takes a millisecond to load.
  monotonic_s: () => {
    const [whole_s, rest_ns] = process.hrtime();
    return whole_s + rest_ns / 1e9;
  },
  sleep: async (duration_s, signal) => {
    try {
      await wait(duration_s * 1000, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw signal?.reason;
    }
  },
};
