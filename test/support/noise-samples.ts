// Samples drawn from known noise, so that a test knows the true ratio. Seeded: the same every time.

/** Draws in [0, 1). Source: Steele, Lea & Flood (2014), SplitMix; the 32-bit variant known as mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal draw (Box and Muller). */
export function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** A standard exponential draw: skewed, as the noise of an otherwise quiet machine is. */
export function exponential(draw: () => number): number {
  return -Math.log(1 - draw());
}
