// Splits what a call takes only so many of at once.

/** Returns `values` in lots of at most `size`, in their order; none for no value. */
export function lotsOf<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
