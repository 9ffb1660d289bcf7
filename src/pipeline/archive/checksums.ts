// What SHA256SUMS says of a run's files, and what they are.

import type { ShippedFile } from "../../domain/plan/suite.ts";
import { sha256 } from "./archive.ts";

export const checksumsFile = "SHA256SUMS";

/** A file that is not as the sums say. */
export interface ChecksumMismatch {
  readonly path: string;
  readonly what: string;
}

/** Every file of `files` that the sums among them do not name with its digest, and every one that they name in vain. */
export function checksumMismatches(files: readonly ShippedFile[]): ChecksumMismatch[] {
  const sums = files.find(({ path }) => path === checksumsFile);
  if (sums === undefined) return [{ path: checksumsFile, what: "expected in a run that was closed, found none" }];
  const lines = Buffer.from(sums.bytes).toString().split("\n");
  const faults: ChecksumMismatch[] = [];
  if (lines.pop() !== "") faults.push({ path: checksumsFile, what: "expected a line end at its end" });
  const expected = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (digest === undefined || path === undefined)
      faults.push({
        path: `${checksumsFile}:${i + 1}`,
        what: `expected a SHA-256 and a path, found ${JSON.stringify(line.slice(0, 80))}`,
      });
    else expected.set(path, digest);
  }
  for (const { path, bytes } of files) {
    if (path === checksumsFile) continue;
    const [want, got] = [expected.get(path), sha256(bytes)];
    expected.delete(path);
    if (want === undefined) faults.push({ path, what: `not named in ${checksumsFile}` });
    else if (want !== got) faults.push({ path, what: `expected SHA-256 ${want}, found ${got}` });
  }
  return [...faults, ...[...expected.keys()].map((path) => ({ path, what: `named in ${checksumsFile}, found none` }))];
}
