// What recomputations have in common. The table's own code is not called, so that one error cannot be in both.

/** Relative tolerance: two computations add and multiply in different orders. */
const rounding = 1e-9;

/** Whether two computations of one number agree. */
export function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= rounding * Math.abs(b);
}

/** Medians that are known: cells and the ranking ask for those of the same times. */
const medians = new WeakMap<Float64Array, number>();

/** Returns the median of those of `values` that are not NaN; NaN where all are. */
export function middle(values: Float64Array): number {
  let known = medians.get(values);
  if (known === undefined) {
    known = middleOfSorted(values.toSorted());
    medians.set(values, known);
  }
  return known;
}

/** NaN comes last. */
function middleOfSorted(x: Float64Array): number {
  let { length } = x;
  while (length > 0 && Number.isNaN(x[length - 1])) length -= 1;
  const half = length >> 1;
  if (length % 2 === 1) return x[half] as number;
  return length === 0 ? Number.NaN : ((x[half - 1] as number) + (x[half] as number)) / 2;
}
