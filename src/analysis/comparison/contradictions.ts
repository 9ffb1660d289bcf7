// Finds records that contradict each other. The same work has the same digest, on every machine and in every round.
// Where two digests differ, one of the trials did other work, and it is not known which one: none of them counts.

import type { RecordColumns } from "../../domain/records/record-columns.ts";

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
  const [suite, row, impl, work] = (["suite", "row", "impl", "work_id"] as const).map((field) =>
    records.word(field),
  ) as [Words, Words, Words, Words];
  const params = sortedParams(records);
  const [rows, impls, all, works] = [new IdGroups(), new IdGroups(), new IdGroups(), new IdGroups()];
  return (i) => works.of(all.of(impls.of(rows.of(suite.id(i), row.id(i)), impl.id(i)), params(i)), work.id(i));
}

type Words = ReturnType<RecordColumns["word"]>;

/** Numbers pairs of ids, each pair with one number, from 1. */
export class IdGroups {
  readonly #known: number[][] = [];
  #count = 0;

  of(a: number, b: number): number {
    const row = (this.#known[a] ??= []);
    return (row[b] ??= ++this.#count);
  }
}

/** Returns a function to an id of a record's parameters, which is the same for the same ones in another order. */
export function sortedParams(records: RecordColumns): (i: number) => number {
  const ids = new Map<string, number>();
  const byId: number[] = [];
  const { params } = records;
  for (const [id, value] of params.values.entries()) {
    const key = JSON.stringify(Object.entries(value ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    ids.set(key, ids.get(key) ?? id);
    byId.push(ids.get(key) as number);
  }
  return (i) => byId[params.id(i)] as number;
}
