// What holds of a comparison whatever the times are.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTests, type MachineTimes } from "../../../src/analysis/compare-tests/compare-tests.ts";

const one = async (baseline: MachineTimes, contender: MachineTimes) => {
  const { tests } = await compareTests({ tests: [{ name: "t", baseline, contender }] });
  return tests[0] as (typeof tests)[number];
};

describe("for any times", () => {
  const times = fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.double({ min: 0.5, max: 2, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  const side = fc.array(times, { minLength: 1, maxLength: 4 });
  const close = (a: number | null, b: number | null) => {
    expect(a === null).toBe(b === null);
    if (a !== null && b !== null) expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.abs(b));
  };
  const inverse = (value: number | null) => (value === null ? null : 1 / value);

  test("swapping the sides inverts the speedup and its interval", async () => {
    await fc.assert(
      fc.asyncProperty(side, side, async (a, b) => {
        const [there, back] = [await one(a, b), await one(b, a)];
        close(back.speedup, inverse(there.speedup));
        close(back.lo, inverse(there.hi));
        close(back.hi, inverse(there.lo));
        expect(back.p ?? 0).toBeCloseTo(there.p ?? 0, 9);
        const mirrored = { faster: "slower", slower: "faster" } as Record<string, string>;
        expect(back.verdict).toBe(mirrored[there.verdict] ?? there.verdict);
      }),
    );
  });

  test("a faster machine of all times leaves the speedup", async () => {
    await fc.assert(
      fc.asyncProperty(side, side, fc.double({ min: 0.01, max: 100, noNaN: true }), async (a, b, by) => {
        const scaled = (runs: MachineTimes) =>
          runs.map((machine) => Array.from(machine, (time) => (time === null ? null : time * by)));
        const [plain, other] = [await one(a, b), await one(scaled(a), scaled(b))];
        close(other.speedup, plain.speedup);
        close(other.lo, plain.lo);
        close(other.hi, plain.hi);
      }),
    );
  });

  test("the order of the machines does not matter", async () => {
    await fc.assert(
      fc.asyncProperty(side, side, async (a, b) => {
        const [plain, turned] = [await one(a, b), await one(a.toReversed(), b.toReversed())];
        close(turned.speedup, plain.speedup);
        close(turned.lo, plain.lo);
        close(turned.hi, plain.hi);
        expect(turned.verdict).toBe(plain.verdict);
      }),
    );
  });

  test("the speedup lies in its interval, and a verdict never contradicts it", async () => {
    await fc.assert(
      fc.asyncProperty(side, side, async (a, b) => {
        const { speedup, lo, hi, verdict, p, p_adjusted } = await one(a, b);
        if (speedup === null || lo === null || hi === null) return;
        expect(lo).toBeLessThanOrEqual(speedup);
        expect(speedup).toBeLessThanOrEqual(hi);
        if (verdict === "faster") expect(lo).toBeGreaterThan(1);
        if (verdict === "slower") expect(hi).toBeLessThan(1);
        expect(p_adjusted).toBeGreaterThanOrEqual(p ?? Number.NaN);
      }),
    );
  });
});
