// Kinds of records: those with the same words in all fields that say what a trial was and what became of it. Many records
// are of few kinds, so what depends on words alone is found once for each kind.

import type { ValueColumn } from "./columns.ts";
import type { WordField } from "./record-fields.ts";

/** The fields of words in which records of one kind agree; their parameters and their taints agree, too. */
export const kindWords = [
  ...(["suite", "row", "impl", "side", "machine", "host_id", "driver", "work_id"] as const),
  ...(["capture", "check", "digest", "status", "reason"] as const),
] as const satisfies readonly WordField[];

/** One of the fields of words in which records of one kind agree. */
export type KindWord = (typeof kindWords)[number];

/** The kinds of some records, in the order of their first ones. */
export interface RecordKinds {
  /** By record: its kind. */
  readonly of: Uint32Array;
  /** By kind: its first record, and its last. */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Returns the kinds of `length` records, which agree in all of `columns`. */
export function kindsOf(columns: readonly ValueColumn<unknown>[], length: number): RecordKinds {
  // What all records have alike tells none from another.
  const telling = columns.filter((column) => !column.isConstant).map((column) => column.idsUpTo(length));
  const kinds = new IdTuples(telling.length);
  const of = new Uint32Array(length);
  const first: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < length; i++) {
    let hash = 0;
    for (let k = 0; k < telling.length; k++) {
      const id = (telling[k] as Uint32Array)[i] as number;
      kinds.tuple[k] = id;
      // oxlint-disable-next-line no-bitwise -- a hash
      hash = (Math.imul(hash, 0x9e3779b1) + id) | 0;
    }
    const kind = kinds.placeOf(hash);
    of[i] = kind;
    if (kind === first.length) first.push(i);
    last[kind] = i;
  }
  return { of, first, last };
}

/** Returns the stretches of one kind in `places`, which are records of `kinds`: the index in it of each one's first record. */
export function stretchesOf(kinds: Uint32Array, places: Uint32Array): number[] {
  const found: number[] = [];
  let latest = -1;
  for (let k = 0; k < places.length; k++) {
    const kind = kinds[places[k] as number] as number;
    if (kind === latest) continue;
    latest = kind;
    found.push(k);
  }
  return found;
}

/** Numbers lists of ids of one length, each list with one number. */
class IdTuples {
  /** The list that is looked for. */
  readonly tuple: Uint32Array;
  /** Places of lists by hash, from 1. The size is a power of two. */
  #slots = new Int32Array(256);
  #hashes = new Int32Array(128);
  #ids: Uint32Array;
  #count = 0;

  constructor(size: number) {
    this.tuple = new Uint32Array(size);
    this.#ids = new Uint32Array(128 * size);
  }

  /** Returns the place of `tuple`, whose hash is given: a new one where it was not looked for before. */
  placeOf(hash: number): number {
    const mask = this.#slots.length - 1;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const place = (this.#slots[slot] as number) - 1;
      if (place === -1) break;
      if (this.#hashes[place] === hash && this.#isAt(place)) return place;
      // oxlint-disable-next-line no-bitwise -- the slots are a power of two
      slot = (slot + 1) & mask;
    }
    if (this.#count === this.#hashes.length) this.#grow();
    this.#ids.set(this.tuple, this.#count * this.tuple.length);
    this.#hashes[this.#count] = hash;
    this.#count += 1;
    this.#enter(this.#count - 1);
    return this.#count - 1;
  }

  #isAt(place: number): boolean {
    const start = place * this.tuple.length;
    for (let k = 0; k < this.tuple.length; k++) if (this.#ids[start + k] !== this.tuple[k]) return false;
    return true;
  }

  #grow(): void {
    const [hashes, ids] = [this.#hashes, this.#ids];
    this.#hashes = new Int32Array(2 * hashes.length);
    this.#hashes.set(hashes);
    this.#ids = new Uint32Array(2 * ids.length);
    this.#ids.set(ids);
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let place = 0; place < this.#count; place++) this.#enter(place);
  }

  #enter(place: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[place] as number;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    let slot = (hash ^ (hash >>> 15)) & mask;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
  }
}
