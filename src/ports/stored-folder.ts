// The folder of one stored run, of any kind.

import type { ChecksumMismatch } from "../domain/run/checksums.ts";
import type { StoredBoots } from "./boot-results.ts";
import type { StoredRun } from "./results.ts";

/**
 * A run's folder. It may come from anywhere: its entries were checked before this object existed, and its content is
 * not trusted.
 */
export interface StoredFolder {
  /** The folder's name in messages. */
  readonly path: string;
  /** Returns whether this user began the run on this computer, with the plan that it has now. */
  isOriginProven(): Promise<boolean>;
  /** Reads the run. @throws TimetrialError RESULTS_CORRUPT; RESULTS_UNKNOWN where it is a boot run */
  readRun(): Promise<StoredRun>;
  /** Reads the boot run; undefined where it is a run of another kind. @throws TimetrialError RESULTS_CORRUPT */
  readBoots(): Promise<StoredBoots | undefined>;
  /** Returns the files that differ from SHA256SUMS. */
  mismatches(): Promise<readonly ChecksumMismatch[]>;
  /** Returns the SHA-256 in hex of every file but SHA256SUMS, by path. */
  digests(): Promise<ReadonlyMap<string, string>>;
  /** Returns the SHA-256 of SHA256SUMS in hex; undefined where the folder has no SHA256SUMS. */
  sums(): Promise<string | undefined>;
  /** Returns all files but locks, sorted by path. */
  files(): readonly StoredFile[];
  /** Yields the bytes of a file, each piece in a buffer of its own. */
  pieces(path: string): AsyncIterable<Uint8Array>;
}

/** A file of a stored run. */
export interface StoredFile {
  readonly path: string;
  /** Bytes that it had when the folder was opened. */
  readonly size: number;
}

/** The files of a run that are in memory. */
export interface UnpackedRun {
  /** By path with `/`: the bytes of the file, in pieces. */
  readonly files: ReadonlyMap<string, readonly Buffer[]>;
  /** By path: the SHA-256 of those bytes in hex, where it is known. */
  readonly digests: ReadonlyMap<string, string>;
}
