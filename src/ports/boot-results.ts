// The port that stores boot runs. They lie beside the other runs, in folders of the same layout.

import type { BootPlan, BootRecord } from "../domain/boot/boot.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Ledger } from "./cloud/ledger.ts";

/** Where boot runs are kept. */
export interface BootResults {
  create(plan: BootPlan): Promise<BootStore>;
  /**
   * Reads the boot run `run`; undefined where no such run exists, or it is no boot run.
   *
   * @throws TimetrialError RESULTS_CORRUPT
   */
  load(run: string): Promise<StoredBoots | undefined>;
}

/** A boot run that is being written. */
export interface BootStore {
  readonly folder: string;
  readonly ledger: Ledger;
  /** Resolves when the record is on disk, synced. */
  append(record: BootRecord): Promise<void>;
  /** Writes the prices that are known when the run begins. */
  prices(list: PriceList): Promise<void>;
  /** Writes SHA256SUMS. */
  close(): Promise<void>;
}

/** A boot run as it was stored, complete or not. */
export interface StoredBoots {
  readonly folder: string;
  readonly plan: BootPlan;
  readonly records: readonly BootRecord[];
  readonly ledger: readonly LedgerEntry[];
  readonly prices?: PriceList;
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  readonly sums?: string;
  /** Paths of files that differ from SHA256SUMS; absent where none does. */
  readonly changed?: readonly string[];
}
