// How the values of each field of a record are read from the bytes of a line, and the column they go into.

import * as v from "valibot";
import { InstantColumn, NumberColumn, secondsOf, ValueColumn, WordColumn } from "../../../domain/records/columns.ts";
import type { FieldKind, NumberBounds } from "../../../domain/records/record-fields.ts";
import { text, textsByName } from "../../../domain/schema.ts";
import { ByteDictionary } from "./byte-dictionary.ts";

const quote = 34;
const [open, close, openList, closeList] = [123, 125, 91, 93] as const;

/** How the values of one field are read, and where they go. */
export type FieldReader =
  | {
      readonly kind: "number";
      readonly column: NumberColumn;
      readonly bounds: NumberBounds;
    }
  | { readonly kind: "instant"; readonly column: InstantColumn; readonly instants: Instants }
  | { readonly kind: "word"; readonly column: WordColumn; readonly known: ByteDictionary; readonly most: number }
  | {
      readonly kind: "flat";
      readonly column: ValueColumn<unknown>;
      readonly known: ByteDictionary;
      readonly begin: number;
      readonly end: number;
    };

/** Returns the reader of a field for its column. */
export function fieldReaderOf(column: unknown, field: FieldKind): FieldReader {
  if (column instanceof NumberColumn && field.kind === "number")
    return { kind: "number", column, bounds: field.bounds };
  if (column instanceof InstantColumn) return { kind: "instant", column, instants: new Instants() };
  if (column instanceof WordColumn && field.kind === "word") {
    const add = (word: string): number => (field.isClosed ? (column.find(word) ?? 0) : column.idOfWord(word));
    return { kind: "word", column, known: new ByteDictionary(add), most: field.most };
  }
  const values = column as ValueColumn<unknown>;
  const schema = field.kind === "texts" ? textsByName : v.array(text);
  const known = new ByteDictionary((json) => {
    const { success, output } = v.safeParse(schema, parsed(json));
    return success ? values.idOf(JSON.stringify(output), output) : 0;
  });
  const [begin, end] = field.kind === "texts" ? ([open, close] as const) : ([openList, closeList] as const);
  return { kind: "flat", column: values, known, begin, end };
}

/** The value of `json`; undefined where it is none. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Reads instants such as "2026-11-27T20:40:10Z". The hour of the one before is known. */
class Instants {
  readonly #hour = Buffer.alloc(14);
  #seconds = 0;

  /** Returns seconds since 1970; NaN where it is no such instant. */
  read(buffer: Buffer, from: number): number {
    const [minutes, seconds] = [two(buffer, from + 15), two(buffer, from + 18)];
    if (!(minutes < 60 && seconds < 60) || buffer[from + 14] !== 58 || buffer[from + 17] !== 58) return Number.NaN;
    if (buffer[from] !== quote || buffer[from + 20] !== 90 || buffer[from + 21] !== quote) return Number.NaN;
    for (let i = 0; i < 14; i++) {
      if (buffer[from + i] === this.#hour[i]) continue;
      const known = secondsOf(`${buffer.toString("latin1", from + 1, from + 14)}:00:00Z`);
      if (known === undefined) return Number.NaN;
      buffer.copy(this.#hour, 0, from, from + 14);
      this.#seconds = known;
      break;
    }
    return this.#seconds + minutes * 60 + seconds;
  }
}

/** The number of two digits; NaN where they are none. */
function two(buffer: Buffer, at: number): number {
  const [tens, ones] = [(buffer[at] as number) - 48, (buffer[at + 1] as number) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
