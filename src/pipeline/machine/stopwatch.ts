// How long something takes, by clocks of which either may fail.

import type { Clock } from "../../ports/clock.ts";

/**
 * Seconds since this call, by the clock that went furthest: a monotonic clock stands still while this computer sleeps,
 * the other one may be set back.
 */
export function stopwatch(clock: Pick<Clock, "monotonic_s" | "now">): () => number {
  const [since_s, since_ms] = [clock.monotonic_s(), clock.now().getTime()];
  return () => Math.max(clock.monotonic_s() - since_s, (clock.now().getTime() - since_ms) / 1000);
}
