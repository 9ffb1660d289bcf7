// The port that stores the ledger of a run: what was asked of a cloud.

import type { LedgerEntry } from "../../domain/cloud/ledger.ts";

/** Where what is asked of a cloud is written down, before it is asked. */
export interface Ledger {
  /** Resolves when the entry is on disk, synced. */
  write(entry: LedgerEntry): Promise<void>;
  /** All entries so far, in order. */
  entries(): Promise<readonly LedgerEntry[]>;
}
