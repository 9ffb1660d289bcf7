// Removes the folders of tests, in which a process that is just ending may still write.

import { rmSync } from "node:fs";

/** How often it is tried: for five seconds in all. */
const most = 100;
const pause_ms = 50;

/**
 * Removes the folder `path` and all that is in it; nothing where it is gone. rmSync by itself tries the folder once more, and not
 * a file that came into it meanwhile.
 *
 * @param {string} path
 */
export function removeFolder(path) {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 1, retryDelay: pause_ms });
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOTEMPTY" || tries === most) throw error;
    }
  }
}
