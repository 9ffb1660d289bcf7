// Columns of records: numbers, words that repeat, times of day. What a column holds for all records alike takes no room, and
// what it holds for the record before costs nothing.
//
// Each group of commands is a bundle with classes of its own, so columns are told apart by their kind, not by instanceof.

const chunk = 65_536;
const shift = 16;
const mask = chunk - 1;

/** Copies the first `filled` numbers that are in `chunks` to the beginning of `into`. */
function copyChunks<T extends Float64Array | Uint32Array>(chunks: readonly T[], filled: number, into: T): void {
  for (const [k, numbers] of chunks.entries()) into.set(numbers.subarray(0, filled - k * chunk), k * chunk);
}

/** Numbers by index. NaN: absent. */
export class NumberColumn {
  readonly kind = "number";
  readonly #chunks: Float64Array[] = [];
  /** How many numbers are in chunks. All records from there on have the latest. */
  #filled = 0;
  #latest = Number.NaN;

  /** Sets the number of record `i`, and of those after it that none is set for. Records are set in order, each once. */
  set(i: number, value: number): void {
    if (Object.is(value, this.#latest)) return;
    for (let k = this.#filled; k < i; k++) {
      let into = this.#chunks[k >>> shift];
      if (into === undefined) {
        into = new Float64Array(chunk);
        this.#chunks.push(into);
      }
      into[k & mask] = this.#latest;
    }
    this.#filled = i;
    this.#latest = value;
  }

  at(i: number): number {
    return i >= this.#filled ? this.#latest : ((this.#chunks[i >>> shift] as Float64Array)[i & mask] as number);
  }

  /** The numbers of the records at `places`, in their order. */
  gather(places: Uint32Array): Float64Array {
    const [chunks, filled, latest] = [this.#chunks, this.#filled, this.#latest];
    const numbers = new Float64Array(places.length);
    if (filled === 0) return numbers.fill(latest);
    for (let k = 0; k < numbers.length; k++) {
      const i = places[k] as number;
      numbers[k] = i >= filled ? latest : ((chunks[i >>> shift] as Float64Array)[i & mask] as number);
    }
    return numbers;
  }

  /** The numbers of the first `length` records, all that are set among them. */
  upTo(length: number): Float64Array {
    const numbers = new Float64Array(length).fill(this.#latest, this.#filled);
    copyChunks(this.#chunks, this.#filled, numbers);
    return numbers;
  }

  /** Whether all records have the same number. */
  get isConstant(): boolean {
    return this.#filled === 0;
  }

  /** Whether no record has a number here. */
  get isAbsent(): boolean {
    return this.#filled === 0 && Number.isNaN(this.#latest);
  }
}

/**
 * Small whole numbers by index: the ids of what a dictionary holds.
 *
 * Like `NumberColumn` on purpose: with one class for both kinds of chunks a million records took a tenth more CPU.
 */
class IdColumn {
  readonly #chunks: Uint32Array[] = [];
  /** How many numbers are in chunks. All records from there on have the latest. */
  #filled = 0;
  #latest = 0;

  /** Sets the number of record `i`, and of those after it that none is set for. Records are set in order, each once. */
  set(i: number, value: number): void {
    if (value === this.#latest) return;
    for (let k = this.#filled; k < i; k++) {
      let into = this.#chunks[k >>> shift];
      if (into === undefined) {
        into = new Uint32Array(chunk);
        this.#chunks.push(into);
      }
      into[k & mask] = this.#latest;
    }
    this.#filled = i;
    this.#latest = value;
  }

  at(i: number): number {
    return i >= this.#filled ? this.#latest : ((this.#chunks[i >>> shift] as Uint32Array)[i & mask] as number);
  }

  gather(places: Uint32Array): Uint32Array {
    const [chunks, filled, latest] = [this.#chunks, this.#filled, this.#latest];
    const ids = new Uint32Array(places.length);
    if (filled === 0) return ids.fill(latest);
    for (let k = 0; k < ids.length; k++) {
      const i = places[k] as number;
      ids[k] = i >= filled ? latest : ((chunks[i >>> shift] as Uint32Array)[i & mask] as number);
    }
    return ids;
  }

  upTo(length: number): Uint32Array {
    const ids = new Uint32Array(length).fill(this.#latest, this.#filled);
    copyChunks(this.#chunks, this.#filled, ids);
    return ids;
  }

  get isConstant(): boolean {
    return this.#filled === 0;
  }

  get isAbsent(): boolean {
    return this.#filled === 0 && this.#latest === 0;
  }
}

/** Values that repeat, by index; each is kept once. Id 0: absent. */
export class ValueColumn<T> {
  readonly kind: "value" | "word" = "value";
  readonly #ids = new IdColumn();
  readonly #known = new Map<string, number>();
  readonly #values: (T | undefined)[] = [undefined];

  /** Returns the id of `value`, which `key` tells from others. */
  idOf(key: string, value: T): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#values.push(value);
    this.#known.set(key, id);
    return id;
  }

  /** Returns the id of the value with `key`; undefined where no record has it. */
  find(key: string): number | undefined {
    return this.#known.get(key);
  }

  set(i: number, id: number): void {
    this.#ids.set(i, id);
  }

  id(i: number): number {
    return this.#ids.at(i);
  }

  /** The ids of the records at `places`, in their order. */
  gatherIds(places: Uint32Array): Uint32Array {
    return this.#ids.gather(places);
  }

  /** The ids of the first `length` records, all that are set among them. */
  idsUpTo(length: number): Uint32Array {
    return this.#ids.upTo(length);
  }

  at(i: number): T | undefined {
    return this.#values[this.#ids.at(i)];
  }

  /** All values by id; the first, of id 0, is undefined. */
  get values(): readonly (T | undefined)[] {
    return this.#values;
  }

  /** Whether all records have the same value. */
  get isConstant(): boolean {
    return this.#ids.isConstant;
  }

  /** Whether no record has a value here. */
  get isAbsent(): boolean {
    return this.#ids.isAbsent;
  }
}

/** Texts that repeat, by index. */
export class WordColumn extends ValueColumn<string> {
  override readonly kind = "word";
  /** Returns the id of `word`. */
  idOfWord(word: string): number {
    return this.idOf(word, word);
  }

  /** Returns the text of record `i`, which has one. */
  word(i: number): string {
    return this.at(i) as string;
  }
}

/** Times of day as ISO 8601 with whole seconds in UTC, which hardly repeat; any other text too. */
export class InstantColumn {
  readonly kind = "instant";
  readonly #seconds = new NumberColumn();
  readonly #others: string[] = [];
  /** The hour of the instant that was read last, and the text of it up to its minutes. */
  #hour = Number.NaN;
  #prefix = "";

  set(i: number, code: number): void {
    this.#seconds.set(i, code);
  }

  /** Returns the number that `set` takes for `text`. */
  codeOf(text: string): number {
    const seconds = secondsOf(text);
    if (seconds !== undefined) return seconds;
    this.#others.push(text);
    // Codes of other texts lie beyond all times that Date knows.
    return otherTexts + this.#others.length - 1;
  }

  /** Whether no record has a time here. */
  get isAbsent(): boolean {
    return this.#seconds.isAbsent;
  }

  /** Returns a number that only records of the same text share; NaN where there is none. */
  code(i: number): number {
    return this.#seconds.at(i);
  }

  /** Returns the milliseconds since 1970 of record `i`; NaN where it has no time of day. */
  milliseconds(i: number): number {
    const code = this.#seconds.at(i);
    return code >= otherTexts ? Date.parse(this.#others[code - otherTexts] as string) : code * 1000;
  }

  at(i: number): string | undefined {
    const code = this.#seconds.at(i);
    if (Number.isNaN(code)) return undefined;
    if (code >= otherTexts) return this.#others[code - otherTexts];
    // Instants of one hour come together, and Date is slow.
    const hour = Math.floor(code / 3600);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#prefix = instantText(hour * 3600).slice(0, 14);
    }
    const rest = code - hour * 3600;
    return `${this.#prefix}${twoDigits[Math.floor(rest / 60)]}:${twoDigits[rest % 60]}Z`;
  }
}

const otherTexts = 2 ** 52;
const twoDigits = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));

/** Returns seconds since 1970 where `text` is an instant such as 2026-11-27T20:40:10Z; undefined elsewhere. */
export function secondsOf(text: string): number | undefined {
  if (text.length !== 20) return undefined;
  const seconds = Date.parse(text) / 1000;
  return Number.isInteger(seconds) && instantText(seconds) === text ? seconds : undefined;
}

function instantText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
