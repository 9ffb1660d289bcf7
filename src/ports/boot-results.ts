// The port that stores boot runs: beside the other runs, in folders of the same layout.

import type { BootPlan, BootRecord } from "../domain/boot/boot.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Ledger } from "./cloud/ledger.ts";

/** Where boot runs are kept. */
export interface BootResults {
  create(plan: BootPlan): Promise<BootStore>;
  /** The boot run called `run`; undefined where there is none, or it is no boot run. @throws TimetrialError RESULTS_CORRUPT */
  load(run: string): Promise<StoredBoots | undefined>;
}

/** A boot run that is being written. */
export interface BootStore {
  readonly folder: string;
  readonly ledger: Ledger;
  /** Resolves when the record is on disk, synced. */
  append(record: BootRecord): Promise<void>;
  /** Stores what is known of prices as the run begins. */
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
  /** Paths of files that are not as SHA256SUMS says; absent where all are. */
  readonly changed?: readonly string[];
}
