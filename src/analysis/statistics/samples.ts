// Medians, means and variances. The results do not depend on the order of the values, not even in the last digit.

/**
 * Returns the median, in the unit of `values`.
 *
 * @throws RangeError where there are no values.
 */
export function median(values: ArrayLike<number>): number {
  return middleOf(ascending(values));
}

/** Returns the median of sorted values. @throws RangeError where there are none */
export function middleOf(x: ArrayLike<number>): number {
  const lower = x[Math.ceil(x.length / 2) - 1];
  const upper = x[Math.floor(x.length / 2)];
  if (lower === undefined || upper === undefined) throw new RangeError("the median of no values");
  // Not (lower + upper) / 2: the sum may overflow.
  return lower + (upper - lower) / 2;
}

/**
 * Returns the geometric mean, in the unit of `values`. It is exactly the value where all are equal, 0 where one is 0,
 * and NaN where there are none.
 */
export function geometricMean(values: readonly number[]): number {
  const [first] = values;
  if (first !== undefined && values.every((value) => value === first)) return first;
  return Math.exp(meanLog(values));
}

/** Returns the mean of the natural logs. */
export function meanLog(values: readonly number[]): number {
  return mean(values.map(Math.log));
}

/** Returns the arithmetic mean: exactly the value where all are equal, NaN where there are none. */
export function mean(values: ArrayLike<number>): number {
  const sorted = ascending(values);
  const [first = Number.NaN] = sorted;
  if (first === -Infinity) return first;
  let sum = 0;
  for (let i = 1; i < sorted.length; i++) sum += (sorted[i] as number) - first;
  return first + sum / values.length;
}

/** Returns the variance of the sample, over n - 1: exactly 0 where all are equal, NaN under two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  let sum = 0;
  for (const value of ascending(values)) sum += (value - centre) ** 2;
  return sum / (values.length - 1);
}

/**
 * Returns the root of the sum of squares of any number of values: too many arguments of Math.hypot overflow the stack.
 */
export function rootOfSquares(values: readonly number[]): number {
  return values.reduce((root, value) => Math.hypot(root, value), 0);
}

/** Returns a sorted copy of `values`, least first. */
export function ascending(values: ArrayLike<number>): number[] | Float64Array {
  // Without a function to call, many numbers are sorted several times as fast; a few are as fast in a list.
  return values.length < 16 ? Array.from(values).sort((a, b) => a - b) : new Float64Array(values).sort();
}
