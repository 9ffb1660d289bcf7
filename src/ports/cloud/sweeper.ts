// The port that finds what runs left in an account. It asks the cloud, not a ledger.

import type { Leftover } from "../../domain/cloud/leftover.ts";

/** Finds and ends what is left in an account, by the cloud's word and not by a ledger. */
export interface Sweeper {
  readonly region: string;
  /** USER@HOST of the user, as launches are tagged with it. */
  readonly owner: string;
  /**
   * Everything that bears our tag and still exists, all pages.
   *
   * @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD
   */
  look(): Promise<readonly Leftover[]>;
  /**
   * Ends all of `leftovers`. Waits until two replies, some time apart, no longer name them, or its patience ends. Returns
   * the ids of those that may still exist. Tells `say` why one could not be ended. Safe to repeat.
   */
  end(leftovers: readonly Leftover[], say: (text: string) => void): Promise<readonly string[]>;
}
