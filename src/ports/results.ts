// Where runs are kept.

import type { RunLogEntry } from "../domain/run/run-log.ts";
import type { Facts, Machine } from "../domain/run/machine.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { TrialRecord } from "../domain/run/trial-record.ts";
import type { StopReason } from "../domain/plan/stopping-rule.ts";
import type { Ledger } from "./cloud/ledger.ts";

/** Where runs are kept. */
export interface Results {
  /** A new folder for the plan's run, held by this client. */
  create(plan: Plan): Promise<RunStore>;
  /**
   * The folder of a run that was begun, held by this client: what is torn is cut off, what is appended follows it.
   *
   * @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT, REFUSED where another client holds it
   */
  reopen(run: string): Promise<RunStore>;
  /** @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT (with file and line) */
  load(run: string): Promise<StoredRun>;
  /** Names of all runs that there are, whether or not they can be read. */
  list(): Promise<readonly string[]>;
}

/** A run that is being written. Each line is on disk when its promise resolves. */
export interface RunStore {
  /** For people: the folder. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** What was noted before this client came, in order. */
  readonly course: readonly RunLogEntry[];
  /** On disk, synced, when the promise is kept. */
  note(entry: RunLogEntry): Promise<void>;
  /** On disk, synced, when the promise is kept. */
  append(record: TrialRecord): Promise<void>;
  facts(machine: Machine, facts: Facts): Promise<void>;
  /** Writes prices.json. */
  prices(list: PriceList): Promise<void>;
  /** The tail of what a failed step said. */
  log(name: string, text: string): Promise<void>;
  /** Writes SHA256SUMS, and lets go of the folder. */
  close(): Promise<void>;
  /** Lets go of the folder as it is. */
  leave(): Promise<void>;
}

/** A run as it was stored, complete or not. */
export interface StoredRun {
  readonly folder: string;
  readonly plan: Plan;
  readonly records: readonly TrialRecord[];
  /** Whether all that was planned was carried out; absent where the run was begun before that was noted. */
  readonly finished?: boolean;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  /** How the rounds of each suite ended, where they were not counted. */
  readonly stopped?: readonly StopReason[];
  /** What the last look for machines said; absent where the run never came to it or launched nothing. */
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  /** What was asked of a cloud, in order; absent where the run is none of a folder's. */
  readonly ledger?: readonly LedgerEntry[];
  /** What its machines cost; absent where nobody asked. */
  readonly prices?: PriceList;
  /** SHA-256 of SHA256SUMS, absent where the run was never closed. */
  readonly sums?: string;
  /** Paths of files that are not as SHA256SUMS says; absent where all are. */
  readonly changed?: readonly string[];
}
