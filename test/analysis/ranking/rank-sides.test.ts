// Rankings of sides whose times are known.

import { beforeEach, describe, expect, test } from "vitest";
import { rankSides } from "../../../src/analysis/ranking/rank-sides.ts";
import { normal, seeded } from "../../support/noise-samples.ts";
import { noises, shareApart as equalSidesApart } from "../../support/equal-sides.ts";
import { comparedSides, rankingOf, scoredSides, type SideTimes } from "../../support/ranked-sides.ts";

/** Nine runs of each of three machines, which differ by 0.1 %. */
const three = (time_s: number): number[][] =>
  [0.999, 1, 1.001].map((share) => Array.from({ length: 9 }, (_, i) => time_s * share * (1 + i / 1e5)));
/** Nine runs of one machine, 0.1 % apart at most. */
const one = (time_s: number): number[][] => [Array.from({ length: 9 }, (_, i) => time_s * (1 + i / 8000))];

const shown = (sides: readonly { side: string; groups: readonly string[] }[]): string[] =>
  sides.map(({ side, groups }) => `${side} ${groups.join("")}`);

describe("a ranking", () => {
  test("has the fastest side first, and a letter in common for two that do not differ", async () => {
    const times = { r: { a: three(2), b: three(1), c: three(4), d: three(1.0005) } };
    const { sides, by, rows, of, pairs, scope } = await rankingOf(await comparedSides(times));
    expect(shown(sides)).toEqual(["b a", "d a", "a b", "c c"]);
    expect({ by, rows, of, pairs, scope }).toEqual({ by: "real", rows: 1, of: 1, pairs: 6, scope: "type" });
    expect(sides.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect(sides.map(({ speedup }) => Number(speedup.value.toFixed(3)))).toEqual([2, 1.999, 1, 0.5]);
  });

  test("has the geometric means and intervals of the table's own", async () => {
    const times = {
      r: { a: three(2), b: three(1), c: three(4), d: three(1) },
      q: { a: three(2), b: three(4), c: three(1), d: three(1) },
    };
    const comparison = await comparedSides(times);
    const { sides } = await rankingOf(comparison);
    for (const { side, speedup } of sides.filter(({ side }) => side !== "a")) {
      const { value, lo, hi, leave_one_out } = comparison.geomeans[0]?.speedups[side]?.real ?? {};
      expect(speedup).toEqual({ value, lo, hi, leave_one_out });
    }
  });

  test("of one machine a side is of these machines, from six runs on", async () => {
    const ranking = await rankingOf(await comparedSides({ r: { a: one(2), b: one(1), c: one(4), d: one(1.0003) } }));
    expect(ranking.scope).toBe("machines");
    expect(shown(ranking.sides)).toEqual(["b a", "d a", "a b", "c c"]);
  });

  test("of fewer runs has an order, and no groups", async () => {
    const few = (time_s: number): number[][] => [[time_s, time_s * 1.01]];
    const ranking = await rankingOf(await comparedSides({ r: { a: few(2), b: few(1), c: few(4), d: few(3) } }));
    expect(ranking.scope).toBe(null);
    expect(shown(ranking.sides)).toEqual(["b ", "a ", "d ", "c "]);
    expect(ranking.sides[0]?.speedup).toMatchObject({ lo: null, hi: null });
  });

  test("of machines that share a host makes no claim on a type", async () => {
    const times = { r: { a: three(2), b: three(1), c: three(4), d: three(3) } };
    const ranking = await rankingOf(await comparedSides(times, (record) => ({ ...record, host_id: "one" })));
    expect(ranking.scope).toBe("machines");
  });

  test("is of user and system time where it is asked for", async () => {
    const times = { r: { a: three(2), b: three(1), c: three(4), d: three(3) } };
    // The fastest in real time uses the most CPU.
    const comparison = await comparedSides(times, (record) =>
      record.status === "completed" && record.side === "b" ? { ...record, user_s: record.real_s * 8 } : record,
    );
    expect(shown((await rankingOf(comparison, { by: "cpu" })).sides)).toEqual(["a a", "d b", "c c", "b d"]);
    expect(shown((await rankingOf(comparison, { by: "real" })).sides)).toEqual(["b a", "a b", "d c", "c d"]);
  });

  test("is over the rows that all sides ran; a side without most of them has no rank", async () => {
    const failed = [[null, null, null]];
    const times: SideTimes = {
      r: { a: three(2), b: three(1), c: three(4), d: three(3), e: failed },
      q: { a: three(2), b: three(1), c: three(4), d: three(3), e: failed },
      p: { a: three(2), b: failed, c: three(1), d: three(1), e: three(1) },
    };
    const ranking = await rankingOf(await comparedSides(times));
    expect(ranking.unranked).toEqual([{ side: "e", reason: "lacks-rows" }]);
    expect([ranking.rows, ranking.of]).toEqual([2, 3]);
    expect(shown(ranking.sides)).toEqual(["b a", "a b", "d c", "c d"]);
  });

  test("is absent with three sides, and where the sides have no row in common", async () => {
    const none = await comparedSides({ r: { a: three(2), b: three(1), c: three(4) } });
    expect(none.scores).toBe(undefined);
    expect(await rankSides(none, { by: "real" })).toBe(undefined);
    const apart = await comparedSides({ r: { a: three(2) }, q: { b: three(1), c: three(1), d: three(1) } });
    expect(await rankSides(apart, { by: "real" })).toBe(undefined);
  });

  test("makes no claim of machines that agree to the last digit", async () => {
    const alike = (time_s: number): number[][] => [1, 2, 3].map(() => Array.from({ length: 9 }, () => time_s));
    const ranking = await rankingOf(await comparedSides({ r: { a: alike(2), b: alike(1), c: alike(4), d: alike(3) } }));
    expect([ranking.pairs, ranking.scope]).toEqual([0, null]);
  });

  test("tells no two sides apart that half a tick of the clock would bring together", async () => {
    const tenth = (ticks: number): number[][] => [Array.from({ length: 9 }, () => ticks / 100)];
    const comparison = await comparedSides(
      { r: { a: tenth(20), b: tenth(21), c: tenth(40), d: tenth(41) } },
      (record) => ({
        ...record,
        real_resolution_s: 0.01,
      }),
    );
    expect(shown((await rankingOf(comparison)).sides)).toEqual(["a a", "b a", "c b", "d b"]);
  });
});

describe("with prices", () => {
  const times = { r: { a: three(2), b: three(1), c: three(4), d: three(3) } };
  const usd_per_hour = { a: 3.6, b: 10.8, c: 1.62, d: 3.6 };

  test("a job costs its mean real time at the price of an hour, with the interval of the time", async () => {
    const { sides } = await rankingOf(await comparedSides(times), { by: "real", usd_per_hour });
    const jobs = Object.fromEntries(sides.map(({ side, job }) => [side, job]));
    // 2 s at $3.60 an hour; Student's t with 2 degrees of freedom, 4.303, times 0.001 / sqrt 3.
    expect(jobs["a"]?.usd).toBeCloseTo(0.002, 6);
    expect((jobs["a"]?.hi ?? 0) / (jobs["a"]?.usd ?? 1)).toBeCloseTo(Math.exp((4.3027 * 0.001) / Math.sqrt(3)), 6);
    expect((jobs["a"]?.usd ?? 1) / (jobs["a"]?.lo ?? 0)).toBeCloseTo(Math.exp((4.3027 * 0.001) / Math.sqrt(3)), 6);
  });

  test("a side is unbeaten unless another is as fast and as cheap, and better in one", async () => {
    const { sides } = await rankingOf(await comparedSides(times), { by: "real", usd_per_hour });
    // d is slower than a at the same price of an hour.
    expect(sides.map(({ side, unbeaten }) => [side, unbeaten])).toEqual([
      ["b", true],
      ["a", true],
      ["d", false],
      ["c", true],
    ]);
  });

  test("sides are ranked by the cost of a job, and grouped by it", async () => {
    // c costs 4 s at $1.62 an hour, a 2 s at $3.24: the same.
    const ranking = await rankingOf(await comparedSides(times), {
      by: "cost",
      usd_per_hour: { ...usd_per_hour, a: 3.24 },
    });
    expect(
      ranking.sides
        .map(({ side }) => side)
        .slice(0, 2)
        .toSorted(),
    ).toEqual(["a", "c"]);
    expect(ranking.sides.map(({ groups }) => groups.join(""))).toEqual(["a", "a", "b", "b"]);
  });

  test("a side without a price is not ranked by cost, and neither beats nor is beaten", async () => {
    const { a, b, d } = usd_per_hour;
    const comparison = await comparedSides(times);
    const byCost = await rankingOf(comparison, { by: "cost", usd_per_hour: { a, b, d } });
    expect(byCost.unranked).toEqual([{ side: "c", reason: "no-price" }]);
    const byTime = await rankingOf(comparison, { by: "real", usd_per_hour: { a, b, d } });
    expect(byTime.sides.find(({ side }) => side === "c")).toMatchObject({ job: null, unbeaten: null });
  });
});

describe("of 1,000 rankings of sides of three machines each", () => {
  let draw = seeded(4);
  // Each test has its own draws: one more test changes none of the others.
  beforeEach(() => {
    draw = seeded(4);
  });
  const machine = (d: number, spread: number): number => d + spread * normal(draw);
  const letters = async (spreads: readonly number[], d: number): Promise<readonly (readonly string[])[]> => {
    const logs = spreads.map((spread, i) => [1, 2, 3].map(() => machine(i === 0 ? d : 0, spread)));
    const { sides } = await rankingOf(scoredSides(Object.fromEntries(logs.map((side, i) => [`s${i}`, side]))));
    return sides.map(({ groups }) => groups);
  };
  const shareApart = async (spreads: readonly number[]): Promise<number> => {
    let apart = 0;
    for (let i = 0; i < 1000; i++) if (new Set((await letters(spreads, 0)).flat()).size > 1) apart += 1;
    return apart / 1000;
  };

  test.each([4, 6, 8, 12])("at most 5 % tell any two of %i equal sides apart", async (sides) => {
    expect(await shareApart(Array<number>(sides).fill(0.01))).toBeLessThanOrEqual(0.05);
  });

  test("at most 5 % tell any two of four equal machines apart, from their runs on", async () => {
    const skewed = noises["skewed (exponential), 5 %"] as (typeof noises)[string];
    const given = { seed: 1, samples: 200, sides: 4, machines: 1, spread: () => 0, noise: skewed };
    expect(await equalSidesApart(given)).toBeLessThanOrEqual(0.05);
  });

  test("at most 5 % do so where the machines of some types differ ten times as much as those of others", async () => {
    expect(await shareApart([0.01, 0.01, 0.001, 0.001, 0.01, 0.001])).toBeLessThanOrEqual(0.05);
  });

  test("a side that is 20 % slower is told from the others in nearly all", async () => {
    let told = 0;
    for (let i = 0; i < 200; i++) if (new Set((await letters(Array(6).fill(0.01), 0.2)).flat()).size > 1) told += 1;
    expect(told).toBeGreaterThan(180);
  });
});
