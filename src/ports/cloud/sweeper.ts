// The port that finds resources that runs left in an account. It asks the cloud, not a ledger.

import type { Leftover } from "../../domain/cloud/leftover.ts";

/** Finds and removes resources that runs left in an account. It asks the cloud, not a ledger. */
export interface Sweeper {
  readonly region: string;
  /** USER@HOST of the user, as in the tags of launches. */
  readonly owner: string;
  /** Returns the cloud's time, known from its responses: deadlines are in it, and this computer's clock may be wrong. */
  now(): Date;
  /**
   * Returns every resource that has our tag and still exists, from all pages of the cloud's response.
   *
   * @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD
   */
  look(): Promise<readonly Leftover[]>;
  /**
   * Removes all `leftovers`. Waits until two responses, some time apart, no longer list them, or until its time limit.
   * Returns the ids of those that may still exist. Calls `say` with the reason where one cannot be removed. Safe to
   * repeat.
   */
  end(leftovers: readonly Leftover[], say: (text: string) => void): Promise<readonly string[]>;
}
