// A seeded random generator: the same seed gives the same plan.

/** Returns the next number in [0, 1). Equal seeds give equal sequences. */
export type Random = () => number;

/**
 * Creates a generator from `seed`, any text.
 *
 * Source: Marsaglia (2003), Xorshift RNGs, J. Stat. Soft. 8(14), the 128-bit generator; the seed is spread by FNV-1a
 * and the finalizer of MurmurHash3.
 */
export function seededRandom(seed: string): Random {
  const state = [fnv1a(`${seed}/0`), fnv1a(`${seed}/1`), fnv1a(`${seed}/2`), fnv1a(`${seed}/3`) | 1] as const;
  let [x, y, z, w] = state;
  const draw = (): number => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w / 2 ** 32;
  };
  // The first draws of similar seeds are similar, so they are dropped.
  for (let i = 0; i < 16; i++) draw();
  return draw;
}

/** Returns `items` in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], draw: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
