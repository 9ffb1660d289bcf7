// Compares the SHA256SUMS of a stored run with the digests of its files.

export const checksumsFile = "SHA256SUMS";

/** A file that does not agree with SHA256SUMS, and why. */
export interface ChecksumMismatch {
  readonly path: string;
  readonly what: string;
}

/**
 * Compares `sums`, the text of SHA256SUMS, with `digests`, the SHA-256 in hex of every other file by its path. Returns
 * the files that differ, that the sums do not name, or that the sums name but that do not exist.
 */
export function compareChecksums(sums: string | undefined, digests: ReadonlyMap<string, string>): ChecksumMismatch[] {
  if (sums === undefined) return [{ path: checksumsFile, what: "expected in a run that was closed, found none" }];
  const lines = sums.split("\n");
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
  for (const [path, got] of digests) {
    const want = expected.get(path);
    expected.delete(path);
    if (want === undefined) faults.push({ path, what: `not named in ${checksumsFile}` });
    else if (want !== got) faults.push({ path, what: `expected SHA-256 ${want}, found ${got}` });
  }
  return [...faults, ...[...expected.keys()].map((path) => ({ path, what: `named in ${checksumsFile}, found none` }))];
}
