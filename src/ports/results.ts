// Where runs are kept.

import type { Facts, Machine } from "../domain/machine.ts";
import type { Plan } from "../domain/plan.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Ledger } from "./ledger.ts";

export interface Results {
  /** A new folder for the plan's run. */
  create(plan: Plan): Promise<RunStore>;
  /** @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT (with file and line) */
  load(run: string): Promise<StoredRun>;
  /** Names of all runs that there are, whether or not they can be read. */
  list(): Promise<readonly string[]>;
}

export interface RunStore {
  /** For people: the folder. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** On disk, synced, when the promise is kept. */
  append(record: RunRecord): Promise<void>;
  facts(machine: Machine, facts: Facts): Promise<void>;
  /** The tail of what a failed step said. */
  log(name: string, text: string): Promise<void>;
  /** Writes SHA256SUMS. */
  close(): Promise<void>;
}

export interface StoredRun {
  readonly folder: string;
  readonly plan: Plan;
  readonly records: readonly RunRecord[];
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  /** What the last look for machines said; absent where the run never came to it or launched nothing. */
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  /** SHA-256 of SHA256SUMS, absent where the run was never closed. */
  readonly sums?: string;
}
