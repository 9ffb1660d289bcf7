// Where boot runs are kept: beside the other runs, in folders of the same make.

import type { BootPlan, BootRecord } from "../domain/boot/boot.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Ledger } from "./cloud/ledger.ts";

/** Where boot runs are kept. */
export interface BootResults {
  create(plan: BootPlan): Promise<BootStore>;
  /** Undefined where `run` is a run of another kind, or there is none. @throws TimetrialError RESULTS_CORRUPT */
  load(run: string): Promise<StoredBoots | undefined>;
}

/** A boot run that is being written. */
export interface BootStore {
  readonly folder: string;
  readonly ledger: Ledger;
  /** On disk, synced, when the promise is kept. */
  append(record: BootRecord): Promise<void>;
  /** What was known of prices when the run began. */
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
