// Records by column: a million of them take a hundred bytes each. A record is made into an object only for who asks.

import type { AnyRecord } from "../published/figures.ts";
import type { TrialRecord } from "../run/trial-record.ts";
import { InstantColumn, NumberColumn, ValueColumn, WordColumn } from "./columns.ts";
import { type NumberField, recordFields, type WordField } from "./record-fields.ts";
import { kindsOf, kindWords, type RecordKinds } from "./record-kinds.ts";

type Texts = Readonly<Record<string, string>>;
type Column = NumberColumn | WordColumn | InstantColumn | ValueColumn<Texts> | ValueColumn<readonly string[]>;

/** Records in the order of their run: an array of them, or what a stored run is read into. */
export type Records<R extends AnyRecord = TrialRecord> = Iterable<R> & { readonly length: number };

/** Records, each field of which is a column. */
export class RecordColumns<R extends AnyRecord = AnyRecord> implements Records<R> {
  readonly isColumnar = true;
  readonly #columns = new Map<string, Column>();
  #length = 0;
  /** By the id of a machine: the indices of its records, of the first `#placed` records. */
  readonly #ofMachine: number[][] = [];
  #placed = 0;
  #kinds: RecordKinds = { of: new Uint32Array(), first: [], last: [] };

  constructor() {
    for (const [name, { kind }] of recordFields) this.#columns.set(name, columnOf(kind));
    // Published figures have this field, and no record of a run.
    this.#columns.set("cpu_s", new NumberColumn());
  }

  /** Returns `records` by column: the same object where they are so already. */
  static from<R extends AnyRecord>(records: Iterable<R>): RecordColumns<R> {
    return isColumnar(records) ? records : RecordColumns.joined([records]);
  }

  /** Returns all records of `lists` by column, one list behind the other. */
  static joined<R extends AnyRecord>(lists: Iterable<Iterable<R>>): RecordColumns<R> {
    const columns = new RecordColumns<R>();
    for (const records of lists) for (const record of records) columns.push(record);
    return columns;
  }

  get length(): number {
    return this.#length;
  }

  /** Returns the index of the next record, whose fields the caller then sets in all columns. */
  add(): number {
    this.#length += 1;
    return this.#length - 1;
  }

  push(record: R): void {
    const i = this.add();
    for (const [name, column] of this.#columns) {
      const value = (record as Readonly<Record<string, unknown>>)[name];
      if (column.kind === "number") column.set(i, (value ?? Number.NaN) as number);
      else if (value === undefined) {
        if (column.kind === "instant") column.set(i, Number.NaN);
        else column.set(i, 0);
      } else if (column.kind === "word") column.set(i, (column as WordColumn).idOfWord(value as string));
      else if (column.kind === "instant") column.set(i, column.codeOf(value as string));
      else column.set(i, (column as ValueColumn<unknown>).idOf(JSON.stringify(value), value));
    }
  }

  number(field: NumberField): NumberColumn {
    return this.#columns.get(field) as NumberColumn;
  }

  word(field: WordField): WordColumn {
    return this.#columns.get(field) as WordColumn;
  }

  /** The numbers of all records in `field`; NaN where there is none. */
  numbersOfAll(field: NumberField): Float64Array {
    return this.number(field).upTo(this.#length);
  }

  /** The columns of several fields. */
  words<const F extends readonly WordField[]>(...fields: F): { readonly [K in keyof F]: WordColumn } {
    return fields.map((field) => this.word(field)) as { [K in keyof F]: WordColumn };
  }

  /** The columns of several fields. */
  numbers<const F extends readonly NumberField[]>(...fields: F): { readonly [K in keyof F]: NumberColumn } {
    return fields.map((field) => this.number(field)) as { [K in keyof F]: NumberColumn };
  }

  get params(): ValueColumn<Texts> {
    return this.#columns.get("params") as ValueColumn<Texts>;
  }

  get reported(): ValueColumn<Texts> {
    return this.#columns.get("reported") as ValueColumn<Texts>;
  }

  get tainted(): ValueColumn<readonly string[]> {
    return this.#columns.get("tainted") as ValueColumn<readonly string[]>;
  }

  get startedAt(): InstantColumn {
    return this.#columns.get("started_at") as InstantColumn;
  }

  /** The kinds of the records. */
  get kinds(): RecordKinds {
    if (this.#kinds.of.length !== this.#length)
      this.#kinds = kindsOf([...this.words(...kindWords), this.params, this.tainted], this.#length);
    return this.#kinds;
  }

  /** All columns by the names of their fields. */
  get all(): ReadonlyMap<string, Column> {
    return this.#columns;
  }

  /** Makes an object of record `i`. */
  at(i: number): R {
    const record: Record<string, unknown> = {};
    for (const [name, column] of this.#columns) {
      const value = column.at(i);
      if (value !== undefined && !Number.isNaN(value)) record[name] = value;
    }
    return record as unknown as R;
  }

  /** Makes an object of each record that has all of `words`. */
  *where(words: Partial<Record<WordField, string>>): Generator<R> {
    for (const i of this.placesOf(words)) yield this.at(i);
  }

  /** Returns the indices of the records that have all of `words`. */
  placesOf(words: Partial<Record<WordField, string>>): number[] {
    const wanted = Object.entries(words).map(([field, word]) => {
      const column = this.word(field as WordField);
      return { column, id: column.find(word) };
    });
    const isWanted = (i: number): boolean => wanted.every(({ column, id }) => column.id(i) === id);
    if (words.machine !== undefined) return this.#placesOn(words.machine).filter(isWanted);
    const found: number[] = [];
    for (let i = 0; i < this.#length; i++) if (isWanted(i)) found.push(i);
    return found;
  }

  /** A run asks for the records of each of its machines while others are added: none is looked at for each. */
  #placesOn(machine: string): readonly number[] {
    const column = this.word("machine");
    for (; this.#placed < this.#length; this.#placed += 1)
      (this.#ofMachine[column.id(this.#placed)] ??= []).push(this.#placed);
    return this.#ofMachine[column.find(machine) ?? -1] ?? [];
  }

  *[Symbol.iterator](): Generator<R> {
    for (let i = 0; i < this.#length; i++) yield this.at(i);
  }
}

/** Whether `is` holds of any record. */
export function someRecord<R extends AnyRecord>(records: Iterable<R>, is: (record: R) => boolean): boolean {
  for (const record of records) if (is(record)) return true;
  return false;
}

/** Whether `records` are by column. Those of another bundle are no instance of this one's class. */
export function isColumnar<R extends AnyRecord>(records: Iterable<R>): records is RecordColumns<R> {
  return "isColumnar" in records;
}

function columnOf(kind: string): Column {
  if (kind === "number") return new NumberColumn();
  if (kind === "word") return new WordColumn();
  if (kind === "instant") return new InstantColumn();
  return kind === "texts" ? new ValueColumn<Texts>() : new ValueColumn<readonly string[]>();
}
