// What is left in an account, by the cloud's word and not by ours.

import type { Leftover } from "../../domain/cloud/leftover.ts";

/** Finds and ends what is left in an account, by the cloud's word and not by a ledger. */
export interface Sweeper {
  readonly region: string;
  /** USER@HOST of whoever sweeps, as launches are tagged with it. */
  readonly owner: string;
  /**
   * Everything that bears our tag and is not gone, all pages.
   *
   * @throws TimetrialError NO_CREDENTIALS, REGION_UNKNOWN, CLOUD
   */
  look(): Promise<readonly Leftover[]>;
  /**
   * Ends all of `leftovers`, and returns when they are gone by two answers some time apart, or after its patience.
   * Answers the ids of those that may be there still. Of each that fails `say` is told why. Safe to repeat.
   */
  end(leftovers: readonly Leftover[], say: (text: string) => void): Promise<readonly string[]>;
}
