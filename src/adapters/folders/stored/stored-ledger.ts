// The ledger of a run that is under way: on disk before a machine is launched; where the disk is full, in memory too.

import type { LedgerEntry } from "../../../domain/cloud/ledger.ts";
import type { Ledger } from "../../../ports/cloud/ledger.ts";
import type { NdjsonFile } from "./ndjson-file.ts";

export class StoredLedger implements Ledger {
  readonly #file: NdjsonFile;
  readonly #entries: LedgerEntry[];
  #fault: unknown;

  /** `entries`: those of earlier clients of the run. */
  constructor(file: NdjsonFile, entries: LedgerEntry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /**
   * Writes `entry`. @throws TimetrialError RESULTS_UNWRITABLE where an intent cannot be written: then nothing may be launched.
   *
   * What became of machines is kept in memory where it cannot be written: giving them back must not stop for a full disk.
   */
  async write(entry: LedgerEntry): Promise<void> {
    const stamped = { at: new Date().toISOString(), ...entry };
    try {
      await this.#file.append(stamped);
    } catch (error) {
      if (entry.kind === "intent") throw error;
      this.#fault ??= error;
    }
    this.#entries.push(stamped);
  }

  async entries(): Promise<readonly LedgerEntry[]> {
    return this.#entries;
  }

  /** @throws TimetrialError RESULTS_UNWRITABLE where an entry could not be written */
  throwIfIncomplete(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}
