// Finds records that contradict each other. The same work has the same digest, on every machine and in every round.
// Where two digests differ, one of the trials did other work, and it is not known which one: none of them counts.

import type { RecordColumns } from "../../domain/records/record-columns.ts";
import { groupsOf, IdGroups, sortedParams } from "../../domain/records/record-groups.ts";

/** The taint of records whose digest another record of the same work contradicts. */
export const digestsDiffer = "digests-differ";

/** Returns 1 by index for records that contradict each other, of those that `counts`; undefined where none do. */
export function contradictedRecords(records: RecordColumns, counts: (i: number) => boolean): Uint8Array | undefined {
  const digests = records.word("digest");
  const works = worksOf(records);
  const first = new Map<number, number>();
  const contradicted = new Set<number>();
  for (let i = 0; i < records.length; i++) {
    const digest = digests.id(i);
    if (digest === 0 || !counts(i)) continue;
    const work = works(i);
    const known = first.get(work);
    if (known === undefined) first.set(work, digest);
    else if (known !== digest) contradicted.add(work);
  }
  if (contradicted.size === 0) return undefined;
  const found = new Uint8Array(records.length);
  for (let i = 0; i < records.length; i++)
    if (digests.id(i) !== 0 && counts(i) && contradicted.has(works(i))) found[i] = 1;
  return found;
}

/** Returns a function to a key of a record's work. It does not include the driver: all drivers of a work give one digest. */
function worksOf(records: RecordColumns): (i: number) => number {
  const rows = groupsOf(records, ["suite", "row", "impl", "work_id"]);
  const [params, works] = [sortedParams(records), new IdGroups()];
  return (i) => works.of(rows(i), params(i));
}
