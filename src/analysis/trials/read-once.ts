// Reads a column once for all machines: to read each machine's trials by themselves takes twice as long.

/** Numbers of records, read by `read` from their places. */
export class ReadOnce<Numbers extends Float64Array | Uint32Array> {
  readonly #read: (places: Uint32Array) => Numbers;
  /** By the memory of a list of places: the numbers of the whole list. */
  readonly #known = new WeakMap<ArrayBufferLike, Numbers>();

  constructor(read: (places: Uint32Array) => Numbers) {
    this.#read = read;
  }

  /**
   * Returns the numbers at `places`, in their order. Where these are a part of a longer list, the whole of it is read. All who
   * ask share the numbers: they are not to be changed.
   */
  of(places: Uint32Array): Numbers {
    let whole = this.#known.get(places.buffer);
    if (whole === undefined) {
      whole = this.#read(new Uint32Array(places.buffer));
      this.#known.set(places.buffer, whole);
    }
    const from = places.byteOffset / Uint32Array.BYTES_PER_ELEMENT;
    return whole.subarray(from, from + places.length) as Numbers;
  }
}
