// The kernels: each a function without arguments that does the same work every time and returns a text, of which the
// digest is known. Integers and texts only, so that every architecture and every V8 gives the same.

import { createHash } from "node:crypto";

/** A generator of 32-bit numbers (xorshift32, Marsaglia 2003), from a seed that is not 0. */
function numbers(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** The block of `md5 -t`, 1000 times: 10^7 bytes. */
function hash(algorithm) {
  const block = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i & 0xff));
  return () => {
    const digest = createHash(algorithm);
    for (let i = 0; i < 1000; i++) digest.update(block);
    return digest.digest("hex");
  };
}

/** Orders such as a shop's interface sends, to text and back, four times. */
function json() {
  const next = numbers(1);
  const orders = Array.from({ length: 2000 }, (_, id) => ({
    id,
    customer: { name: `customer "${next() % 1000}"`, city: "Kraków", vip: next() % 2 === 0 },
    lines: Array.from({ length: 5 }, () => ({
      sku: `sku-${next().toString(36)}`,
      count: next() % 9,
      cents: next() % 100_000,
    })),
    note: next() % 3 === 0 ? null : "left at the door\nby noon",
  }));
  return () => {
    let text = JSON.stringify(orders);
    for (let i = 0; i < 3; i++) text = JSON.stringify(JSON.parse(text));
    return text;
  };
}

/** Records by a text, then by a number: 20000 of them. */
function sort() {
  const next = numbers(2);
  const records = Array.from({ length: 20_000 }, () => ({ key: (next() % 5000).toString(36), value: next() }));
  return () => {
    const sorted = [...records].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.value - b.value));
    return sorted.map(({ key, value }) => `${key}:${value}`).join();
  };
}

/** The lines of a web server's log, taken apart and put together. */
function regexp() {
  const next = numbers(3);
  const log = Array.from(
    { length: 10_000 },
    () =>
      `10.${next() % 256}.${next() % 256}.${next() % 256} - - [24/Nov/2026:04:${10 + (next() % 50)}:00 +0000] "GET /item/${next() % 9999}?q=${next().toString(36)} HTTP/1.1" ${next() % 2 ? 200 : 404} ${next() % 99_999}`,
  ).join("\n");
  const line =
    /^(\d{1,3}(?:\.\d{1,3}){3}) \S+ \S+ \[([^\]]+)\] "([A-Z]+) ([^ "]*)(?:\?q=(\w+))? HTTP\/[\d.]+" (\d{3}) (\d+)$/gm;
  return () => {
    let bytes = 0;
    const parts = [];
    for (const [, address, , method, path, , status, size] of log.matchAll(line)) {
      bytes += Number(size);
      parts.push(`${method}${status}${address}${path.replace(/[aeiou]+/g, "_")}`);
    }
    return `${parts.length} ${bytes} ${parts.join("")}`;
  };
}

/** Words counted in a Map, their pairs taken into a Set and out of it in turn. */
function mapSet() {
  const next = numbers(4);
  const words = Array.from({ length: 60_000 }, () => `w${(next() % 7000).toString(36)}`);
  return () => {
    const counts = new Map();
    const pairs = new Set();
    let before = "";
    for (const word of words) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      const pair = before + word;
      if (!pairs.delete(pair)) pairs.add(pair);
      before = word;
    }
    return `${[...counts].map(([word, count]) => word + count).join()} ${[...pairs].join()}`;
  };
}

/** A product of two matrices of 160 x 160 32-bit integers. */
function typedArray() {
  const size = 160;
  const next = numbers(5);
  const a = Int32Array.from({ length: size * size }, () => next() | 0);
  const b = Int32Array.from({ length: size * size }, () => next() | 0);
  return () => {
    const c = new Int32Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < size; k++) {
        const factor = a[i * size + k];
        for (let j = 0; j < size; j++) {
          const at = i * size + j;
          c[at] = (c[at] + Math.imul(factor, b[k * size + j])) | 0;
        }
      }
    }
    return c.join();
  };
}

const makers = {
  md5: () => hash("md5"),
  sha1: () => hash("sha1"),
  sha256: () => hash("sha256"),
  sha512: () => hash("sha512"),
  json,
  sort,
  regexp,
  "map-set": mapSet,
  "typed-array": typedArray,
};

/** The kernel called `row`, its input made. */
export function kernel(row) {
  if (!Object.hasOwn(makers, row)) throw new Error(`row: expected ${Object.keys(makers).join(", ")}, got "${row}"`);
  return makers[row]();
}
