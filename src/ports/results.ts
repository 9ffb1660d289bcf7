// The port that stores runs.

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
  /** Makes a folder for the plan's run, and locks it for this client. */
  create(plan: Plan): Promise<RunStore>;
  /**
   * Opens the folder of a run that was begun, and locks it for this client. A torn last line is cut off.
   *
   * @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT, REFUSED where another client has locked it
   */
  reopen(run: string): Promise<RunStore>;
  /** Reads a run. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT (with file and line) */
  load(run: string): Promise<StoredRun>;
  /** Names of all runs, readable or not. */
  list(): Promise<readonly string[]>;
}

/** A run that is being written. Each line is on disk when its promise resolves. */
export interface RunStore {
  /** The folder's path, for people. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** The log that earlier clients of the run have written, in order. */
  readonly course: readonly RunLogEntry[];
  /** Appends to the run's log. Resolves when the entry is on disk, synced. */
  note(entry: RunLogEntry): Promise<void>;
  /** Appends a record. Resolves when it is on disk, synced. */
  append(record: TrialRecord): Promise<void>;
  facts(machine: Machine, facts: Facts): Promise<void>;
  /** Writes prices.json. */
  prices(list: PriceList): Promise<void>;
  /** Stores the tail of what a failed step printed. */
  log(name: string, text: string): Promise<void>;
  /** Writes SHA256SUMS, and unlocks the folder. */
  close(): Promise<void>;
  /** Unlocks the folder, and leaves it as it is. */
  leave(): Promise<void>;
}

/** A run as it was stored, complete or not. */
export interface StoredRun {
  readonly folder: string;
  readonly plan: Plan;
  readonly records: readonly TrialRecord[];
  /** Whether everything planned was done; absent in runs of versions that did not note it. */
  readonly finished?: boolean;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  /** How the rounds of each suite ended; absent where their number was given. */
  readonly stopped?: readonly StopReason[];
  /** What the last search for machines found; absent where there was none, or nothing was launched. */
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  /** What was asked of a cloud, in order; absent where the run was not read from a folder. */
  readonly ledger?: readonly LedgerEntry[];
  /** The prices of its machines; absent where nobody asked. */
  readonly prices?: PriceList;
  /** SHA-256 of SHA256SUMS, absent where the run was never closed. */
  readonly sums?: string;
  /** Paths of files that are not as SHA256SUMS says; absent where all are. */
  readonly changed?: readonly string[];
}
