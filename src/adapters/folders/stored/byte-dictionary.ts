// Finds texts by their bytes, without making a string of one that was seen before.

/** Texts by their bytes, with the ids that `add` gave them. */
export class ByteDictionary {
  readonly #add: (text: string) => number;
  /** Places in the lists below, by hash, from 1. The size is a power of two. */
  #slots = new Int32Array(64);
  readonly #hashes: number[] = [];
  readonly #ids: number[] = [];
  readonly #ends: number[] = [0];
  #bytes = Buffer.alloc(1024);

  /** `add` returns the id of a text that is new. 0, for a text that is not taken, is not kept. */
  constructor(add: (text: string) => number) {
    this.#add = add;
  }

  /** The id of the text that was found last; 0 before the first. */
  latestId = 0;
  #latest = 0;
  /** By place: the one that was found after it the last time. */
  readonly #next: number[] = [];

  /**
   * Returns where a text ends that begins at `from`, is the one found last or the one that came after that before, and has
   * `end` behind it: after `end`. 0 where it is another.
   */
  latest(buffer: Buffer, from: number, end: number): number {
    if (this.latestId === 0) return 0;
    const same = this.#endOf(this.#latest, buffer, from, end);
    if (same > 0) return same;
    const next = this.#next[this.#latest] as number;
    const after = this.#endOf(next, buffer, from, end);
    if (after > 0) this.#found(next);
    return after;
  }

  /** Returns where the text of `place` ends with `end` behind it, if it stands at `from`; else 0. */
  #endOf(place: number, buffer: Buffer, from: number, end: number): number {
    const bytes = this.#bytes;
    const to = this.#ends[place + 1] as number;
    let at = from;
    for (let k = this.#ends[place] as number; k < to; k++, at++) if (buffer[at] !== bytes[k]) return 0;
    return buffer[at] === end ? at + 1 : 0;
  }

  #found(place: number): number {
    if (this.latestId !== 0) this.#next[this.#latest] = place;
    this.#latest = place;
    this.latestId = this.#ids[place] as number;
    return this.latestId;
  }

  /** Returns the id of the text in `buffer` from `from` to `to`. */
  idOf(buffer: Buffer, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    const length = to - from;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const place = (this.#slots[slot] as number) - 1;
      if (place === -1) return this.#added(buffer, from, to, hash);
      if (this.#hashes[place] === hash) {
        const start = this.#ends[place] as number;
        if ((this.#ends[place + 1] as number) - start === length) {
          let same = 0;
          while (same < length && this.#bytes[start + same] === buffer[from + same]) same += 1;
          if (same === length) return this.#found(place);
        }
      }
      // oxlint-disable-next-line no-bitwise -- the slots are a power of two
      slot = (slot + 1) & mask;
    }
  }

  #added(buffer: Buffer, from: number, to: number, hash: number): number {
    const id = this.#add(buffer.toString("utf8", from, to));
    if (id <= 0) return id;
    const start = this.#ends.at(-1) as number;
    if (start + to - from > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length + to - from)]);
    buffer.copy(this.#bytes, start, from, to);
    this.#ends.push(start + to - from);
    this.#hashes.push(hash);
    this.#ids.push(id);
    this.#next.push(0);
    if (2 * this.#ids.length > this.#slots.length) this.#slots = new Int32Array(4 * this.#slots.length);
    else return (this.#placed(this.#ids.length - 1), id);
    for (let place = 0; place < this.#ids.length; place++) this.#placed(place);
    return id;
  }

  #placed(place: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[place] as number;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    let slot = (hash ^ (hash >>> 15)) & mask;
    // oxlint-disable-next-line no-bitwise -- the slots are a power of two
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
  }
}
