// The real clock.

import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic_s: () => performance.now() / 1000,
  sleep: async (duration_s, signal) => {
    try {
      await wait(duration_s * 1000, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw signal?.reason;
    }
  },
};
