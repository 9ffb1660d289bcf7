// Splits the values of a filter: EC2 refuses one that has too many.

/** The most values that EC2 accepts in a filter. */
const most = 200;

/** Returns `values` in lots that a filter takes; none for no value. */
export function filterLots(values: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(values.length / most) }, (_, i) => values.slice(i * most, (i + 1) * most));
}
