// Splits what EC2 takes only so many of at once: the values of a filter, the instances of a call.

/** The most values that EC2 accepts in a filter. */
const most = 200;

/** Returns `values` in lots that a filter takes; none for no value. */
export function filterLots(values: readonly string[]): string[][] {
  return lotsOf(values, most);
}

/** Returns `values` in lots of at most `size`; none for no value. */
export function lotsOf(values: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
