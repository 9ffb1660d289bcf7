// What is kept of an output that has no bounds: its head.

/** The first bytes of a stream; the rest is read and thrown away, so that the writer never waits. */
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

/** The head of what comes after a mark, and of what came before it. */
export class MarkedOutput {
  readonly before: OutputHead = new OutputHead(4_000);
  readonly after: OutputHead;
  readonly #mark: Buffer;
  /** The end of what came, as long as it may be the begin of the mark; undefined once the mark was found. */
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

  /** Everything before the mark; where there was none, everything. */
  end(): void {
    if (this.#pending !== undefined) this.before.add(this.#pending);
  }
}
