// Measures durations by two clocks, either of which may fail.

import type { Clock } from "../../ports/clock.ts";

/**
 * Returns a function that returns the seconds since this call, by the clock that went further: a monotonic clock stands
 * still while this computer sleeps, and the wall clock may be set back.
 */
export function stopwatch(clock: Pick<Clock, "monotonic_s" | "now">): () => number {
  const [since_s, since_ms] = [clock.monotonic_s(), clock.now().getTime()];
  return () => Math.max(clock.monotonic_s() - since_s, (clock.now().getTime() - since_ms) / 1000);
}
