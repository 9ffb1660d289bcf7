// Taints records that contradict each other. The same work has the same digest, on every machine and in every round.
// Where two digests differ, one of the trials did other work, and it is not known which one: none of them counts.

import type { AnyRecord } from "../../domain/published/figures.ts";
import type { CompletedTrial } from "../../domain/run/trial-record.ts";
import { exclusionReasonOf } from "./kept-records.ts";

/** The taint of records whose digest another record of the same work contradicts. */
export const digestsDiffer = "digests-differ";

/** Returns `records` with a taint on those that contradict each other; the same array where none do. */
export function taintContradictions(records: readonly AnyRecord[]): readonly AnyRecord[] {
  const first = new Map<string, string>();
  const contradicted = new Set<string>();
  for (const record of records) {
    if (!hasProof(record)) continue;
    const key = workOf(record);
    const known = first.get(key);
    if (known === undefined) first.set(key, record.digest);
    else if (known !== record.digest) contradicted.add(key);
  }
  if (contradicted.size === 0) return records;
  return records.map((record) =>
    hasProof(record) && contradicted.has(workOf(record)) ? { ...record, tainted: [digestsDiffer] } : record,
  );
}

function hasProof(record: AnyRecord): record is CompletedTrial & { readonly digest: string } {
  return record.status === "completed" && record.digest !== undefined && exclusionReasonOf(record) === null;
}

/** Returns a key of the work. It does not include the driver: all drivers of the same work give the same digest. */
function workOf({ suite, row, impl, params, work_id }: CompletedTrial): string {
  return JSON.stringify([suite, row, impl, Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)), work_id]);
}
