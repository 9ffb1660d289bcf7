// Medians, means and variances. The order of the values never matters, not even in the last digit.

/**
 * Median, in the unit of `values`.
 *
 * @throws RangeError where there are no values.
 */
export function median(values: readonly number[]): number {
  const x = ascending(values);
  const lower = x[Math.ceil(x.length / 2) - 1];
  const upper = x[Math.floor(x.length / 2)];
  if (lower === undefined || upper === undefined) throw new RangeError("the median of no values");
  // Their sum may be more than a number can hold.
  return lower + (upper - lower) / 2;
}

/** Geometric mean, in the unit of `values`: exactly the value where all are equal, 0 where one is 0, NaN where there are none. */
export function geometricMean(values: readonly number[]): number {
  const [first] = values;
  if (first !== undefined && values.every((value) => value === first)) return first;
  return Math.exp(meanLog(values));
}

/** Mean of the natural logs. */
export function meanLog(values: readonly number[]): number {
  return mean(values.map(Math.log));
}

/** Arithmetic mean: exactly the value where all are equal, NaN where there are none. */
export function mean(values: readonly number[]): number {
  const [first = Number.NaN, ...rest] = ascending(values);
  if (first === -Infinity) return first;
  return first + rest.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** Variance of the sample, over n - 1: exactly 0 where all are equal, NaN under two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return ascending(values).reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/** Square root of the sum of squares, of any number of values: as arguments of Math.hypot too many overflow the stack. */
export function rootOfSquares(values: readonly number[]): number {
  return values.reduce((root, value) => Math.hypot(root, value), 0);
}

/** A sorted copy of `values`, least first. */
export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
