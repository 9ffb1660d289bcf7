// Finds records that contradict each other. The same work has the same digest, on every machine and in every round.
// Where two digests differ, one of the trials did other work, and it is not known which one: none of them counts.

import type { RecordColumns } from "../../domain/records/record-columns.ts";
import { groupsOf, IdGroups, sortedParams } from "../../domain/records/record-groups.ts";

/** The taint of records whose digest another record of the same work contradicts. */
export const digestsDiffer = "digests-differ";

/** Returns 1 by kind for records that contradict each other, of the kinds that `counts`; undefined where none do. */
export function contradictedKinds(records: RecordColumns, counts: (kind: number) => boolean): Uint8Array | undefined {
  const digests = records.word("digest");
  const works = worksOf(records);
  const judged = [...records.kinds.first.entries()].filter(([kind, i]) => digests.id(i) !== 0 && counts(kind));
  const first = new Map<number, number>();
  const contradicted = new Set<number>();
  for (const [, i] of judged) {
    const work = works(i);
    const known = first.get(work);
    if (known === undefined) first.set(work, digests.id(i));
    else if (known !== digests.id(i)) contradicted.add(work);
  }
  if (contradicted.size === 0) return undefined;
  const found = new Uint8Array(records.kinds.first.length);
  for (const [kind, i] of judged) if (contradicted.has(works(i))) found[kind] = 1;
  return found;
}

/** Returns a function to a key of a record's work. It does not include the driver: all drivers of a work give one digest. */
function worksOf(records: RecordColumns): (i: number) => number {
  const rows = groupsOf(records, ["suite", "row", "impl", "work_id"]);
  const [params, works] = [sortedParams(records), new IdGroups()];
  return (i) => works.of(rows(i), params(i));
}
