// Compares the files of a bundle with the SHA256SUMS among them.

import { checksumsFile, type ChecksumMismatch, compareChecksums } from "../../domain/run/checksums.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import { sha256 } from "./archive.ts";

/** Returns every file of `files` that differs from SHA256SUMS. */
export function checksumMismatches(files: readonly ShippedFile[]): ChecksumMismatch[] {
  const sums = files.find(({ path }) => path === checksumsFile);
  const others = files.filter((file) => file !== sums);
  return compareChecksums(
    sums === undefined ? undefined : Buffer.from(sums.bytes).toString(),
    new Map(others.map(({ path, bytes }) => [path, sha256(bytes)])),
  );
}
