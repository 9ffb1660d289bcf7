// The numbers below the comparison, against values published elsewhere than in the vectors.

import { expect, test } from "vitest";
import { benjaminiHochberg } from "../../../src/analysis/statistics/false-discovery.ts";
import { holm } from "../../../src/analysis/statistics/family-wise.ts";
import { isSeriallyCorrelated, exceedsChance } from "../../../src/analysis/statistics/independence.ts";
import { medianInterval, medianRank } from "../../../src/analysis/statistics/median-interval.ts";
import { mean, median, variance } from "../../../src/analysis/statistics/samples.ts";
import { loadStudent } from "../../../src/analysis/statistics/student.ts";
import { seeded } from "../../support/noise-samples.ts";

// l and w of the interval of a median, by n (docs/statistics.md, "Interval").
test.each([
  [6, 1, 0.3571],
  [7, 1, 0.7333],
  [8, 1, 0.9356],
  [9, 2, 0.2279],
  [10, 2, 0.6577],
  [20, 6, 0.2352],
  [30, 10, 0.2287],
])("the interval of a median of %i starts at rank %i, moved inwards by %f of a step", (n, l, w) => {
  const ranks = Array.from({ length: n }, (_, i) => i + 1);
  const { lo, hi } = medianInterval(ranks) ?? { lo: 0, hi: 0 };
  expect(lo).toBeCloseTo(l + w, 4);
  expect(hi).toBeCloseTo(n + 1 - l - w, 4);
});

test("fewer than 6 values have no interval of their median", () => {
  expect(medianInterval([1, 2, 3, 4, 5])).toBeUndefined();
});

test("the rank of a median among ten thousand is found where 2^-n underflows", () => {
  const { l, level } = medianRank(10_000, 0.95);
  // R 4.2.2: qbinom(0.025, 10000, 0.5).
  expect(l).toBe(4902);
  expect(level).toBeGreaterThanOrEqual(0.95);
});

test("the mean and the variance of equal values are exact", () => {
  const values = Array.from({ length: 7 }, () => 0.1);
  expect([mean(values), variance(values)]).toEqual([0.1, 0]);
});

test("no values have no median", () => {
  expect(() => median([])).toThrow(RangeError);
});

test("the t quantile nears the normal one as the degrees of freedom grow", async () => {
  const student = await loadStudent();
  // The first two terms of Cornish and Fisher's expansion: z + (z^3 + z) / (4 nu).
  const z = 1.959963984540054;
  const expansion = z + (z ** 3 + z) / 4e6;
  expect(Math.abs(student.quantile(1e6) / expansion - 1)).toBeLessThan(1e-9);
});

test("no p values adjust to none", () => {
  expect(benjaminiHochberg([])).toEqual([]);
});

test("a drifting series hangs together, a see-saw does not", () => {
  expect(isSeriallyCorrelated([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(true);
  expect(isSeriallyCorrelated([1, 9, 2, 8, 3, 7, 4, 6, 5])).toBe(false);
});

test("a short or constant series says nothing of hanging together", () => {
  expect(isSeriallyCorrelated([1, 2, 3, 4, 5, 6, 7, 8])).toBeUndefined();
  expect(isSeriallyCorrelated([1, 1, 1, 1, 1, 1, 1, 1, 1])).toBeUndefined();
});

test("of independent series no more than 5 % are flagged", () => {
  const draw = seeded(1);
  const flags = Array.from({ length: 4000 }, () => isSeriallyCorrelated(Array.from({ length: 9 }, draw)));
  const share = flags.filter(Boolean).length / flags.length;
  expect(share).toBeGreaterThan(0.01);
  expect(share).toBeLessThanOrEqual(0.05);
});

test("a few flagged series among many are chance, many are not", () => {
  expect([exceedsChance(2, 2), exceedsChance(3, 60), exceedsChance(12, 60)]).toEqual([false, false, true]);
});

test("Holm's adjustment is that of the textbook's four tests: the two least p values stay below 5 %", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.5, 0.6])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
