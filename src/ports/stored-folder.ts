// The folder of one stored run, of any kind.

import type { ShippedFile } from "../domain/plan/suite.ts";
import type { ChecksumMismatch } from "../domain/run/checksums.ts";
import type { StoredBoots } from "./boot-results.ts";
import type { StoredRun } from "./results.ts";

/** A run's folder. It may come from anywhere: it was looked through before this existed, and nothing in it is believed. */
export interface StoredFolder {
  /** The folder as messages call it. */
  readonly path: string;
  /** Whether the run was begun by this user on this computer, with the plan that it has now. */
  wasBegunHere(): Promise<boolean>;
  /** @throws TimetrialError RESULTS_CORRUPT; RESULTS_UNKNOWN where it is a run of boot */
  readRun(): Promise<StoredRun>;
  /** Undefined where it is a run of another kind. @throws TimetrialError RESULTS_CORRUPT */
  readBoots(): Promise<StoredBoots | undefined>;
  /** Files that differ from SHA256SUMS. */
  mismatches(): Promise<readonly ChecksumMismatch[]>;
  /** SHA-256 in hex of every file but the sums, by path. */
  digests(): Promise<ReadonlyMap<string, string>>;
  /** SHA-256 of SHA256SUMS in hex; undefined where there is none. */
  sums(): Promise<string | undefined>;
  /** All files with their bytes. @throws TimetrialError RESULTS_CORRUPT where they are over 256 MiB */
  bytes(): Promise<readonly ShippedFile[]>;
}
