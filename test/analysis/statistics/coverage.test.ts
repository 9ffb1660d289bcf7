// Coverage: of 2,000 seeded comparisons, no fewer intervals than promised hold the true ratio.

import { expect, test } from "vitest";
import { compareTests } from "../../../src/analysis/compare-tests/compare-tests.ts";
import { exponential, normal, seeded } from "../../support/noise-samples.ts";

const samples = 2000;
const promised = 0.95;
const ratio = 1.1;

type Draw = () => number;

/** Share of the intervals that hold `ratio`; `machine` draws one machine's times, given their median. */
async function coverage(
  seed: number,
  machines: number,
  scope: string,
  machine: (draw: Draw, median: number) => number[],
) {
  const draw = seeded(seed);
  let held = 0;
  for (let i = 0; i < samples; i++) {
    const side = (median: number) => Array.from({ length: machines }, () => machine(draw, median));
    const { tests } = await compareTests({ tests: [{ name: "t", baseline: side(2 * ratio), contender: side(2) }] });
    const { lo, hi, scope: found } = tests[0] ?? {};
    expect(found).toBe(scope);
    if ((lo ?? Number.NaN) <= ratio && ratio <= (hi ?? Number.NaN)) held++;
  }
  return held / samples;
}

const ten = (time: () => number) => Array.from({ length: 10 }, time);

test("one machine a side with normal noise of 2 %: the interval holds the true ratio as often as promised", async () => {
  const machine = (draw: Draw, median: number) => ten(() => median * Math.exp(0.02 * normal(draw)));
  expect(await coverage(1, 1, "machines", machine)).toBeGreaterThanOrEqual(promised);
});

test("one machine a side with skewed noise of 5 %: the interval holds the true ratio as often as promised", async () => {
  const machine = (draw: Draw, median: number) => ten(() => median * Math.exp(0.05 * (exponential(draw) - Math.LN2)));
  expect(await coverage(2, 1, "machines", machine)).toBeGreaterThanOrEqual(promised);
});

test("three machines a side that differ by 1 %: the interval holds the types' ratio as often as promised", async () => {
  const machine = (draw: Draw, median: number) => {
    const own = median * Math.exp(0.01 * normal(draw));
    return ten(() => own * Math.exp(0.02 * normal(draw)));
  };
  expect(await coverage(3, 3, "type", machine)).toBeGreaterThanOrEqual(promised);
});
