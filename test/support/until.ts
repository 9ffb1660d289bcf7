// Waits for what another process or a server does, by looking for it: no test sleeps for a time that somebody guessed.

import { setTimeout as sleep } from "node:timers/promises";

/** Longer than anything takes on a busy machine, shorter than a test's own limit. Seconds. */
const limit_s = 50;

type Look<Found> = () => Promise<Found | undefined | false> | Found | undefined | false;

/**
 * Returns what `look` finds, as soon as that is neither undefined nor false.
 *
 * A file that `look` reads may not be there yet. @throws after 50 s, with `look`; at once what else `look` throws
 */
export async function until<Found>(look: Look<Found>): Promise<Exclude<Found, undefined | false>> {
  const end_ms = Date.now() + limit_s * 1000;
  // What is not there at once takes a while: looks that ask a server cost more than the wait.
  for (let pause_ms = 5; Date.now() < end_ms; pause_ms = Math.min(2 * pause_ms, 80)) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found as Exclude<Found, undefined | false>;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    }
    await sleep(pause_ms);
  }
  throw new Error(`waited ${limit_s} s in vain for: ${String(look)}`);
}
