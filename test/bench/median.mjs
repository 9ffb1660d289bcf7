/** Returns the median of `values`, of an even number the upper of the two in the middle; NaN of none. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
