// Keeps the first bytes of an output of unknown length.

/** The first bytes of a stream. The rest is read and dropped, so that the writer never blocks. */
export class OutputHead {
  readonly #parts: Buffer[] = [];
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  add(bytes: Buffer): void {
    if (this.#left === 0) return;
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    this.#parts.push(part);
  }

  text(): string {
    return Buffer.concat(this.#parts).toString();
  }
}

/** The first bytes after a mark, and the first bytes before it. */
export class MarkedOutput {
  readonly before: OutputHead = new OutputHead(4_000);
  readonly after: OutputHead;
  readonly #mark: Buffer;
  /** The last bytes read, which may be the start of the mark. Undefined once the mark is found. */
  #pending: Buffer | undefined = Buffer.alloc(0);

  constructor(mark: string, bytes: number) {
    this.#mark = Buffer.from(mark);
    this.after = new OutputHead(bytes);
  }

  get found(): boolean {
    return this.#pending === undefined;
  }

  add(bytes: Buffer): void {
    if (this.#pending === undefined) return this.after.add(bytes);
    const all = Buffer.concat([this.#pending, bytes]);
    const at = all.indexOf(this.#mark);
    const until = at === -1 ? Math.max(0, all.length - this.#mark.length + 1) : at;
    this.before.add(all.subarray(0, until));
    this.#pending = at === -1 ? all.subarray(until) : undefined;
    if (at !== -1) this.after.add(all.subarray(at + this.#mark.length));
  }

  /** Ends the stream. If there was no mark, all bytes count as before it. */
  end(): void {
    if (this.#pending !== undefined) this.before.add(this.#pending);
  }
}
