// Reads lines of records.ndjson into columns. A line is read byte by byte where an earlier line had the same fields in the
// same order, so that nothing is made of it but numbers and ids of words. What it has as the line before is not read at all.
// Any other line is parsed and checked by the schema, which alone says what is wrong with one.

import { RecordColumns } from "../../../domain/records/record-columns.ts";
import { recordFields } from "../../../domain/records/record-fields.ts";
import type { TrialRecord } from "../../../domain/run/trial-record.ts";
import { type FieldReader, fieldReaderOf } from "./field-reader.ts";
import { readNumber } from "./number-reader.ts";

const [quote, backslash, comma, colon] = [34, 92, 44, 58] as const;
const [open, close] = [123, 125] as const;

/** More shapes of lines than records of one version have; the lines of others are parsed. */
const mostShapes = 256;

/** The bytes before a value: a comma, the name and a colon. */
interface FieldName {
  readonly bytes: Uint8Array;
  /** The same bytes by four. */
  readonly words: Uint32Array;
}

function fieldName(bytes: Uint8Array): FieldName {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = Uint32Array.from({ length: Math.floor(bytes.length / 4) }, (_, k) => view.getUint32(4 * k, true));
  return { bytes, words };
}

/** The fields of a line, in its order, and the fields that it lacks. */
interface Shape {
  /** By field: the bytes before its value. */
  readonly before: readonly FieldName[];
  readonly fields: readonly FieldReader[];
  readonly lacking: readonly FieldReader[];
  /** Place of the status among the fields, and its id: each status has its own fields. */
  readonly statusAt: number;
  readonly status: number;
}

export class RecordReader {
  readonly records = new RecordColumns<TrialRecord>();
  readonly #readers = new Map<string, FieldReader>();
  readonly #parse: (line: string) => TrialRecord;
  readonly #shapes: Shape[] = [];
  #latest = 0;
  /** By field of the line that is read: its number, or its id. They do not pass through calls, which would box each. */
  readonly #numbers = new Float64Array(recordFields.size);
  readonly #ids = new Uint32Array(recordFields.size);
  /** The buffer with the line that is read, the line's end, and how far it is read. */
  #buffer: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #to = 0;
  #at = 0;
  /** The line before, where it is the one that is read next in the buffer and has the latest shape: from where, to where. */
  #beforeFrom = 0;
  #beforeTo = -1;
  /** By field of the latest shape: length of the value in the line that was read last. Bytes. */
  readonly #lengths = new Uint32Array(recordFields.size);
  /** Places of the fields that were read of the line, and their number. */
  readonly #changed = new Uint32Array(recordFields.size);
  #changes = 0;

  /** `parse` returns the record of a line, or throws an error that says what is wrong with it. */
  constructor(parse: (line: string) => TrialRecord) {
    this.#parse = parse;
    for (const [name, field] of recordFields) this.#readers.set(name, fieldReaderOf(this.records.all.get(name), field));
  }

  /** Takes the line of `buffer` from `from` to `to`, where its line end is. Throws what `parse` throws. */
  take(buffer: Buffer, from: number, to: number): void {
    // The line before is only there where nothing else was read into the buffer since.
    const follows = buffer === this.#buffer && this.#beforeTo + 1 === from;
    if (buffer !== this.#buffer) this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    this.#buffer = buffer;
    this.#to = to;
    const before = this.#beforeFrom;
    this.#beforeFrom = from;
    this.#beforeTo = to;
    if (follows && this.#differs(this.#shapes[this.#latest] as Shape, before, from)) {
      this.#storeChanges(this.#shapes[this.#latest] as Shape);
      return;
    }
    const count = this.#shapes.length;
    for (let tried = 0; tried < count; tried++) {
      const place = (this.#latest + tried) % count;
      const shape = this.#shapes[place] as Shape;
      this.#at = from;
      if (!this.#matches(shape)) continue;
      this.#latest = place;
      this.#store(shape);
      return;
    }
    this.#beforeTo = -1;
    this.records.push(this.#parse(buffer.toString("utf8", from, to)));
    this.#at = from;
    if (count < mostShapes) this.#learn();
  }

  /** Reads the values of a line that has the fields of `shape`. Returns false where it has not, or a value is odd. */
  #matches({ before, fields, statusAt, status }: Shape): boolean {
    for (let i = 0; i < fields.length; i++) {
      if (!this.#skip(before[i] as FieldName)) return false;
      const start = this.#at;
      if (!this.#read(fields[i] as FieldReader, i)) return false;
      this.#lengths[i] = this.#at - start;
      if (i === statusAt && this.#ids[i] !== status) return false;
    }
    return this.#at === this.#to - 1 && this.#buffer[this.#at] === close;
  }

  /**
   * Reads those values of the line from `from` that are not as in the line from `line` on, whose values have just been read
   * and which ends where this line begins. Returns false where the fields are others, or a value is odd.
   */
  #differs({ before, fields, statusAt, status }: Shape, line: number, from: number): boolean {
    const lengths = this.#lengths;
    // Where field `i` begins in the line before, and up to where both lines are known to be the same.
    let begin = line;
    this.#changes = 0;
    let [same, at] = [line, from];
    for (let i = 0; ; i++) {
      const length = this.#sameBytes(same, at);
      [same, at] = [same + length, at + length];
      let start = 0;
      let end = 0;
      for (; i < fields.length; i++) {
        start = begin + (before[i] as FieldName).bytes.length;
        end = start + (lengths[i] as number);
        // A number may go on where the one before ends: the byte behind it must be the same, too.
        if (end >= same) break;
        begin = end;
      }
      if (i === fields.length) {
        const last = at - (same - begin);
        return last === this.#to - 1 && this.#buffer[last] === close;
      }
      if (same < start) return false;
      const valueAt = at - (same - start);
      this.#at = valueAt;
      if (!this.#read(fields[i] as FieldReader, i)) return false;
      if (i === statusAt && this.#ids[i] !== status) return false;
      this.#changed[this.#changes++] = i;
      lengths[i] = this.#at - valueAt;
      begin = end;
      [same, at] = [end, this.#at];
    }
  }

  /** How many bytes from `a` on, in the line before, are the same as those from `b` on. */
  #sameBytes(a: number, b: number): number {
    const [buffer, view, to] = [this.#buffer, this.#view, this.#to];
    let k = 0;
    // Eight at once: as a number they equal others only where each of them does. The line before has no zeros, which would
    // be equal to other bytes; some bytes that no text in ASCII has are no number, and are compared one by one.
    while (b + k + 8 <= to && view.getFloat64(a + k, true) === view.getFloat64(b + k, true)) k += 8;
    while (b + k < to && buffer[a + k] === buffer[b + k]) k += 1;
    return k;
  }

  /** Moves past `bytes`. Returns false where something else is there. */
  #skip({ bytes, words }: FieldName): boolean {
    const [buffer, view, at] = [this.#buffer, this.#view, this.#at];
    const end = at + bytes.length;
    if (end > this.#to) return false;
    // Four bytes at once: names are most of a line.
    for (let k = 0; k < words.length; k++) if (view.getUint32(at + 4 * k, true) !== words[k]) return false;
    for (let k = 4 * words.length; k < bytes.length; k++) if (buffer[at + k] !== bytes[k]) return false;
    this.#at = end;
    return true;
  }

  #store({ fields, lacking }: Shape): void {
    const i = this.records.add();
    for (let k = 0; k < fields.length; k++) {
      const { kind, column } = fields[k] as FieldReader;
      if (kind === "number" || kind === "instant") column.set(i, this.#numbers[k] as number);
      else column.set(i, this.#ids[k] as number);
    }
    for (let k = 0; k < lacking.length; k++) {
      const { kind, column } = lacking[k] as FieldReader;
      column.set(i, kind === "number" || kind === "instant" ? Number.NaN : 0);
    }
  }

  /** Stores the values that were read: columns keep the others for the records that follow. */
  #storeChanges({ fields }: Shape): void {
    const i = this.records.add();
    for (let c = 0; c < this.#changes; c++) {
      const k = this.#changed[c] as number;
      const { kind, column } = fields[k] as FieldReader;
      if (kind === "number" || kind === "instant") column.set(i, this.#numbers[k] as number);
      else column.set(i, this.#ids[k] as number);
    }
  }

  /** Remembers the fields of a sound line, for lines like it. */
  #learn(): void {
    const fields = new Map<string, FieldReader>();
    const before: FieldName[] = [];
    const [buffer, to] = [this.#buffer, this.#to];
    while (this.#at < to && buffer[this.#at] !== close) {
      const start = this.#at;
      if (buffer[start] !== (fields.size === 0 ? open : comma) || buffer[start + 1] !== quote) return;
      const end = buffer.indexOf(quote, start + 2);
      if (end === -1 || end >= to || buffer[end + 1] !== colon) return;
      const name = buffer.toString("latin1", start + 2, end);
      const reader = this.#readers.get(name);
      if (reader === undefined || fields.has(name)) return;
      this.#at = end + 2;
      if (!this.#read(reader, fields.size)) return;
      fields.set(name, reader);
      before.push(fieldName(Uint8Array.prototype.slice.call(buffer, start, end + 2)));
    }
    if (this.#at !== to - 1) return;
    this.#latest =
      this.#shapes.push({
        before,
        fields: [...fields.values()],
        lacking: [...this.#readers].flatMap(([name, reader]) => (fields.has(name) ? [] : [reader])),
        statusAt: [...fields.keys()].indexOf("status"),
        status: this.records.word("status").id(this.records.length - 1),
      }) - 1;
  }

  /** Reads the value here, the one of field `into`. Returns false where only the schema can judge it. */
  #read(reader: FieldReader, into: number): boolean {
    switch (reader.kind) {
      case "number":
        return this.#number(reader, into);
      case "word":
        return this.#word(reader, into);
      case "flat":
        return this.#flat(reader, into);
      case "instant":
        this.#numbers[into] = reader.instants.read(this.#buffer, this.#at);
        this.#at += 22;
        return !Number.isNaN(this.#numbers[into]);
    }
  }

  #number({ bounds }: Extract<FieldReader, { kind: "number" }>, into: number): boolean {
    const end = readNumber(this.#buffer, this.#at, bounds, this.#numbers, into);
    if (end === 0) return false;
    this.#at = end;
    return true;
  }

  /** Reads a text without escapes. */
  #word({ known, most }: Extract<FieldReader, { kind: "word" }>, into: number): boolean {
    const [buffer, to, from] = [this.#buffer, this.#to, this.#at + 1];
    if (buffer[from - 1] !== quote) return false;
    const same = known.latest(buffer, from, quote);
    if (same > 0) {
      this.#ids[into] = known.latestId;
      this.#at = same;
      return true;
    }
    let at = from;
    let hash = 0;
    for (let byte = buffer[at] as number; byte !== quote; byte = buffer[at] as number) {
      if (byte < 32 || byte === backslash || at >= to) return false;
      // oxlint-disable-next-line no-bitwise -- a hash
      hash = (Math.imul(hash, 31) + byte) | 0;
      at += 1;
    }
    if (at - from > most) return false;
    const id = known.idOf(buffer, from, at, hash);
    this.#ids[into] = id;
    this.#at = at + 1;
    return id > 0;
  }

  /** Reads an object or a list of texts, as a whole. */
  #flat({ known, begin, end }: Extract<FieldReader, { kind: "flat" }>, into: number): boolean {
    const [buffer, to, from] = [this.#buffer, this.#to, this.#at];
    if (buffer[from] !== begin) return false;
    let hash = 0;
    let isText = false;
    for (let at = from + 1; at < to; at++) {
      const byte = buffer[at] as number;
      // oxlint-disable-next-line no-bitwise -- a hash
      hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte === quote) isText = !isText;
      else if (byte === backslash) return false;
      else if (!isText && byte === begin) return false;
      else if (!isText && byte === end) {
        const id = known.idOf(buffer, from, at + 1, hash);
        this.#ids[into] = id;
        this.#at = at + 1;
        return id > 0;
      }
    }
    return false;
  }
}
