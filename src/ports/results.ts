// The port that stores runs.

import type { RunLogEntry } from "../domain/run/run-log.ts";
import type { Facts, Machine } from "../domain/run/machine.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Records } from "../domain/records/record-columns.ts";
import type { TrialRecord } from "../domain/run/trial-record.ts";
import type { StopReason } from "../domain/plan/stopping-rule.ts";
import type { Ledger } from "./cloud/ledger.ts";

/** Stores and reads runs. */
export interface Results {
  /** Makes a folder for the plan's run, and locks it for this client. */
  create(plan: Plan): Promise<RunStore>;
  /**
   * Opens the folder of an existing run, and locks it for this client. Cuts off a torn last line.
   *
   * @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT, REFUSED where another client has locked it
   */
  reopen(run: string): Promise<RunStore>;
  /** Reads a run. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT (with file and line) */
  load(run: string): Promise<StoredRun>;
  /** Returns the names of all runs, readable or not. */
  list(): Promise<readonly string[]>;
}

/** A run that is being written. Each line is on disk when its promise resolves. */
export interface RunStore {
  /** The folder's path, for people. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** Log entries of the run's earlier clients, in order. */
  readonly runLog: readonly RunLogEntry[];
  /** Appends to the run's log. Resolves when the entry is on disk, synced. */
  note(entry: RunLogEntry): Promise<void>;
  /** Appends a record. Resolves when it is on disk, synced. */
  append(record: TrialRecord): Promise<void>;
  facts(machine: Machine, facts: Facts): Promise<void>;
  /** Writes prices.json. */
  prices(list: PriceList): Promise<void>;
  /** Writes the end of a failed step's output as the log `name`. */
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
  /** In the order of the file. A record is made an object when it is asked for: a run may have a million. */
  readonly records: Records;
  /** Whether the run completed its plan; absent in runs of versions that did not record this. */
  readonly finished?: boolean;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  /** Why the rounds of each suite ended; absent where the spec gives their number. */
  readonly stopped?: readonly StopReason[];
  /** Result of the last search for running machines; absent where no search was made, or nothing was launched. */
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  /** Requests to a cloud, in order; absent where the run was not read from a folder. */
  readonly ledger?: readonly LedgerEntry[];
  /** Prices of the run's machines; absent where they were not looked up. */
  readonly prices?: PriceList;
  /** SHA-256 of SHA256SUMS, absent where the run was never closed. */
  readonly sums?: string;
  /** Paths of files that differ from SHA256SUMS; absent where none does. */
  readonly changed?: readonly string[];
}
