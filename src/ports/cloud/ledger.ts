// The port that stores the ledger of a run: its requests to a cloud.

import type { LedgerEntry } from "../../domain/cloud/ledger.ts";

/** Records requests to a cloud, each before it is sent. */
export interface Ledger {
  /** Resolves when the entry is on disk, synced. */
  write(entry: LedgerEntry): Promise<void>;
  /** Returns all entries so far, in order. */
  entries(): Promise<readonly LedgerEntry[]>;
}
