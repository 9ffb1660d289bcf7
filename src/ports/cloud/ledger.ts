// Where what was asked of a cloud is written down.

import type { LedgerEntry } from "../../domain/cloud/ledger.ts";

export interface Ledger {
  /** On disk, synced, when the promise is kept. */
  write(entry: LedgerEntry): Promise<void>;
  entries(): Promise<readonly LedgerEntry[]>;
}
