// Returns the digests that work must have, to compare them with those that machines report. Most are pinned: to compute them
// again would take longer than to check all else of a run. A test computes those of 10000 blocks.

import { createHash } from "node:crypto";
import { pinnedHash } from "../../domain/run/pinned-digests.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";

/** Largest input that is hashed here. Bytes. */
const most_bytes = 4e9;

const computed = new Map<string, string>();

/**
 * Returns the digest that `record`'s work must have; undefined where it is not known here, and the input is too large to be
 * hashed.
 */
export function expectedDigest({
  suite,
  row,
  work_id,
}: Pick<TrialRecord, "suite" | "row" | "work_id">): string | undefined {
  if (suite !== "hashes" || !["md5", "sha1", "sha256", "sha512"].includes(row)) return undefined;
  // Contexts, blocks of each, bytes of a block: every context digests the same.
  const [, blocks, bytes] = /^\d+x(\d{1,7})x(\d{1,7})$/.exec(work_id ?? "")?.map(Number) ?? [];
  if (blocks === undefined || bytes === undefined || blocks * bytes > most_bytes) return undefined;
  const pinned = bytes === 10_000 ? pinnedHash(row, blocks) : undefined;
  if (pinned !== undefined) return pinned;
  const key = `${row} ${blocks} ${bytes}`;
  const known = computed.get(key) ?? digestOfBlocks(row, blocks, bytes);
  computed.set(key, known);
  return known;
}

/** Hashes the input of FreeBSD's `md5 -t`: block[i] = i mod 256. */
export function digestOfBlocks(algorithm: string, blocks: number, bytes: number): string {
  const block = Uint8Array.from({ length: bytes }, (_, i) => i % 256);
  const hash = createHash(algorithm);
  for (let i = 0; i < blocks; i++) hash.update(block);
  return hash.digest("hex");
}
