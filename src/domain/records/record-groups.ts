// Numbers groups of records that have the same words, without making texts of them.

import type { RecordColumns } from "./record-columns.ts";
import type { KindWord } from "./record-kinds.ts";

/** Numbers pairs of ids, each pair with one number, from 1. */
export class IdGroups {
  readonly #known: number[][] = [];
  #count = 0;

  of(a: number, b: number): number {
    const row = (this.#known[a] ??= []);
    return (row[b] ??= ++this.#count);
  }
}

/** Returns a function to the number of a record's group: those with the same words in all `fields`, from 1. */
export function groupsOf(columns: RecordColumns, fields: readonly KindWord[]): (i: number) => number {
  const words = fields.map((field) => ({ column: columns.word(field), groups: new IdGroups() }));
  const { of: kinds, first } = columns.kinds;
  const byKind = Uint32Array.from(first, (i) =>
    words.reduce((group, { column, groups }) => groups.of(group, column.id(i)), 0),
  );
  return (i) => byKind[kinds[i] as number] as number;
}

/** Returns a function to an id of a record's parameters, which is the same for the same ones in another order. */
export function sortedParams(columns: RecordColumns): (i: number) => number {
  const ids = new Map<string, number>();
  const byId: number[] = [];
  const { params } = columns;
  for (const [id, value] of params.values.entries()) {
    const key = JSON.stringify(Object.entries(value ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    ids.set(key, ids.get(key) ?? id);
    byId.push(ids.get(key) as number);
  }
  return (i) => byId[params.id(i)] as number;
}
