// Where what was asked of a cloud is written down.

import type { LedgerEntry } from "../../domain/cloud/ledger.ts";

/** Where what is asked of a cloud is written down, before it is asked. */
export interface Ledger {
  /** On disk, synced, when the promise is kept. */
  write(entry: LedgerEntry): Promise<void>;
  entries(): Promise<readonly LedgerEntry[]>;
}
