import { describe, expect, test } from "vitest";
import { compareTests, type MachineTimes } from "../../../src/analysis/compare-tests/compare-tests.ts";
import { normal, seeded } from "../../support/noise-samples.ts";

const one = async (
  baseline: MachineTimes,
  contender: MachineTimes,
  more: { resolution_s?: number; sharedHost?: boolean } = {},
) => {
  const { tests } = await compareTests({ tests: [{ name: "t", baseline, contender }], ...more });
  return tests[0] as (typeof tests)[number];
};

/** `n` times near `median`, spread by 1 %; the same for the same seed. */
function near(median: number, n: number, seed: number): number[] {
  const draw = seeded(seed);
  return Array.from({ length: n }, () => median * Math.exp(0.01 * normal(draw)));
}

const [slow, fast] = [
  [near(2, 9, 1), near(2, 9, 2), near(2, 9, 3)],
  [near(1, 9, 4), near(1, 9, 5), near(1, 9, 6)],
];

describe("what may be claimed", () => {
  test("two machines or more a side are a claim on the types", async () => {
    expect(await one(slow.slice(0, 2), fast)).toMatchObject({
      scope: "type",
      verdict: "faster",
      kept: { baseline: 18, contender: 27 },
      failed_runs: 0,
      notes: ["unequal numbers of machines: 2 and 3", "only 2 machines on a side: a wide interval"],
    });
  });

  test("machines that share a host are never a claim on the types", async () => {
    expect(await one(slow, fast, { sharedHost: true })).toMatchObject({
      scope: "machines",
      verdict: "faster",
      notes: [],
    });
  });

  test("machines that share a host and have fewer than 6 runs get no interval", async () => {
    const few = (side: number[][]) => side.map((runs) => runs.slice(0, 5));
    expect(await one(few(slow), few(fast), { sharedHost: true })).toMatchObject({
      scope: "machines",
      verdict: "no-interval",
      lo: null,
      hi: null,
      p: null,
      p_adjusted: null,
    });
  });

  test("one machine a side says how alike machines of a type must be for it to carry over", async () => {
    const { notes } = await one(slow.slice(0, 1), fast.slice(0, 1));
    expect(notes).toEqual([
      expect.stringMatching(/^holds for the types only if machines of one type differ by under 25 % \(sd\)$/),
    ]);
  });

  test("the whole is a claim on the types only if every test is", async () => {
    const tests = [
      { name: "both", baseline: slow, contender: fast },
      { name: "one", baseline: slow.slice(0, 1), contender: fast.slice(0, 1) },
    ];
    expect((await compareTests({ tests })).scope).toBe("machines");
    expect((await compareTests({ tests: tests.slice(0, 1) })).scope).toBe("type");
  });
});

describe("runs that are not kept", () => {
  const failing = (runs: number[], failed: number) => runs.map((time, i) => (i < failed ? null : time));

  test("half of a machine's runs may fail", async () => {
    const half = failing([...near(2, 8, 1)], 4);
    expect(await one([half, half], fast)).toMatchObject({
      scope: "type",
      kept: { baseline: 8, contender: 27 },
      failed_runs: 8,
    });
  });

  test("a machine with more than half of its runs failed is left out, and that is said", async () => {
    const found = await one([...slow.slice(0, 2), failing(slow[2] ?? [], 5)], fast);
    const without = await one(slow.slice(0, 2), fast);
    expect(found).toEqual({
      ...without,
      failed_runs: 5,
      notes: ["5 runs left out", "1 machine left out: more than half of the runs not kept", ...without.notes],
    });
  });

  test("a side with no machine left has failed", async () => {
    for (const side of [[], [[]], [[null]], [[null, null, 1]]]) {
      expect(await one(side, fast)).toMatchObject({
        verdict: "failed",
        speedup: null,
        lo: null,
        hi: null,
        scope: "machines",
      });
    }
  });
});

describe("the clock", () => {
  test("a median of exactly ten ticks is long enough, whatever binary makes of it", async () => {
    const runs = [Array.from({ length: 9 }, () => 0.7)];
    expect((await one(runs, runs, { resolution_s: 0.07 })).verdict).toBe("none");
  });

  test("a time of 0 is too short though the clock is not known", async () => {
    expect(await one([[0, ...near(2, 8, 1)]], fast)).toMatchObject({
      verdict: "too-short",
      speedup: null,
      notes: ["too short: a time of 0"],
    });
  });

  test("a type's interval is never narrower than half a tick", async () => {
    const at = (time: number) => [0, 1].map(() => Array.from({ length: 9 }, () => time));
    const { lo, hi, speedup } = await one(at(0.2), at(0.1), { resolution_s: 0.01 });
    expect([lo, speedup, hi].map((value) => value?.toFixed(6))).toEqual([
      (0.195 / 0.105).toFixed(6),
      "2.000000",
      (0.205 / 0.095).toFixed(6),
    ]);
  });
});

describe("no spread", () => {
  const all = (time: number, machines: number) =>
    Array.from({ length: machines }, () => Array.from({ length: 9 }, () => time));

  test("a difference without spread is one, and it is said that no spread was seen", async () => {
    expect(await one(all(3.3, 1), all(3, 1))).toMatchObject({
      verdict: "faster",
      p: 0,
      notes: expect.arrayContaining(["no spread seen"]),
    });
  });

  test("equal machines are exactly equal, however many there are", async () => {
    expect(await one(all(0.1, 3), all(0.1, 7))).toMatchObject({ speedup: 1, lo: 1, hi: 1, p: 1, verdict: "none" });
  });

  test("medians that agree but for rounding are no difference", async () => {
    const unlike = [...all(0.3, 1), ...all(0.7, 1)];
    const alike = all(Math.sqrt(0.3 * 0.7), 2);
    expect(await one(unlike, alike, { sharedHost: true })).toMatchObject({ speedup: 1, p: 1, verdict: "none" });
  });
});

describe("many tests", () => {
  test("a difference that does not survive the number of tests is not called one, and that is said", async () => {
    const equal = (i: number) => ({ name: `equal ${i}`, baseline: [near(1, 9, 1)], contender: [near(1, 9, 1)] });
    const tests = [{ name: "small", baseline: [near(1.012, 9, 12)], contender: [near(1, 9, 13)] }];
    const alone = (await compareTests({ tests })).tests[0];
    const among = (await compareTests({ tests: [...tests, ...Array.from({ length: 19 }, (_, i) => equal(i))] }))
      .tests[0];
    expect(alone?.verdict).toBe("faster");
    expect(among).toMatchObject({
      verdict: "none",
      p: alone?.p,
      lo: alone?.lo,
      notes: ["not after allowing for 20 tests"],
    });
  });
});

describe("the geometric mean", () => {
  test("tests without an interval are not in it", async () => {
    const tests = [
      { name: "long", baseline: slow, contender: fast },
      { name: "short", baseline: [[0]], contender: [[0]] },
      { name: "failed", baseline: [[null]], contender: fast },
      { name: "few", baseline: [[1, 1]], contender: [[1, 1]] },
    ];
    const { geomean, tests: found } = await compareTests({ tests });
    expect(found.map(({ verdict }) => verdict)).toEqual(["faster", "too-short", "failed", "no-interval"]);
    expect(geomean?.speedup).toBeCloseTo(found[0]?.speedup ?? Number.NaN, 12);
    expect(geomean?.lo).toBeCloseTo(found[0]?.lo ?? Number.NaN, 12);
  });

  test("is null where no test has an interval", async () => {
    expect((await compareTests({ tests: [{ name: "few", baseline: [[1]], contender: [[1]] }] })).geomean).toBeNull();
  });

  test("has no interval where fewer than 6 rounds are whole", async () => {
    const [a, b] = [near(1, 9, 1), near(1, 9, 2)];
    const tests = [
      { name: "early", baseline: [[null, null, ...a.slice(2)]], contender: [b] },
      { name: "late", baseline: [[...a.slice(0, 7), null, null]], contender: [b] },
    ];
    expect((await compareTests({ tests })).geomean).toEqual({ speedup: expect.closeTo(1, 1), lo: null, hi: null });
  });

  test("over different machines it is joined from the tests and the rounds, over the machines of all", async () => {
    const lost = slow.map((runs, i) => (i === 0 ? runs.map(() => null) : runs));
    const tests = [
      { name: "all", baseline: slow, contender: fast },
      { name: "two", baseline: lost, contender: fast },
    ];
    const { scope, geomean, tests: found } = await compareTests({ tests });
    expect([scope, ...found.map((one) => one.scope)]).toEqual(["type", "type", "type"]);
    const down = found.map(({ speedup, lo }) => Math.log((speedup ?? 0) / (lo ?? 0)));
    expect(Math.log((geomean?.speedup ?? 0) / (geomean?.lo ?? 0))).toBeGreaterThanOrEqual(
      Math.hypot(...down) / 2 - 1e-12,
    );
  });
});

describe("input", () => {
  test("no tests at all are no claim", async () => {
    expect(await compareTests({ tests: [] })).toEqual({ scope: "machines", tests: [], geomean: null });
  });

  test.each([-1, Number.NaN, Infinity, -Infinity])("a time of %s is refused where it stands", async (time) => {
    await expect(one([[1, 1]], [[1], [1, time]])).rejects.toThrow(
      new RangeError(`test "t": contender: machine 2: run 2: expected seconds, 0 or more, or null, got ${time}`),
    );
  });

  test("a resolution that is no time is refused", async () => {
    await expect(one(slow, fast, { resolution_s: -1 })).rejects.toThrow(RangeError);
  });

  test("the times given are not touched", async () => {
    const given = Object.freeze(slow.map((runs) => Object.freeze([...runs])));
    await one(given, fast);
    expect(given).toEqual(slow);
  });
});

describe("times that no clock gave", () => {
  const same = (time: number, machines: number, runs = 9) =>
    Array.from({ length: machines }, () => Array.from({ length: runs }, () => time));

  test("machines that agree to the last digit are no sample of their types: no interval, and that is said", async () => {
    expect(await one(same(1, 4), same(2, 4))).toMatchObject({
      speedup: 0.5,
      lo: null,
      hi: null,
      p: null,
      verdict: "no-interval",
      notes: ["no spread seen between the machines of a side: no interval"],
    });
    expect(await one(same(1, 4), same(1, 4))).toMatchObject({ speedup: 1, p: 1, verdict: "none" });
  });

  test("the clock's resolution makes an interval where the machines make none", async () => {
    const { lo, hi, verdict } = await one(same(1, 4), same(2, 4), { resolution_s: 0.01 });
    expect([lo, hi]).toEqual([expect.closeTo(0.995 / 2.005, 9), expect.closeTo(1.005 / 1.995, 9)]);
    expect(verdict).toBe("slower");
  });

  test("the greatest times there are compare as any others", async () => {
    const most = Number.MAX_VALUE;
    expect(await one(same(most, 1), same(most, 1))).toMatchObject({ speedup: 1, lo: 1, hi: 1, verdict: "none" });
    expect(await one(same(most, 4), same(most / 2, 4))).toMatchObject({ speedup: expect.closeTo(2, 9) });
  });

  test("a ratio beyond what a number can hold is refused by the test's name", async () => {
    await expect(one(same(Number.MAX_VALUE, 1), same(Number.MIN_VALUE, 1))).rejects.toThrow(
      new RangeError('test "t": baseline over contender, or its interval, is beyond what a number can hold'),
    );
    await expect(one(same(Number.MIN_VALUE, 1), same(Number.MAX_VALUE, 1))).rejects.toThrow(RangeError);
  });

  test("typed arrays are lists of runs", async () => {
    const typed = (side: number[][]) => side.map((runs) => Float64Array.from(runs));
    expect(await one(typed(slow), typed(fast))).toEqual(await one(slow, fast));
  });

  test.each<[string, unknown, string]>([
    [
      "a flat list",
      [1, 2, 3],
      'test "t": baseline: machine 1: expected a list of its runs, got 1: the runs of one machine are [[...]]',
    ],
    [
      "a flat typed array",
      Float64Array.of(1, 2),
      'test "t": baseline: expected a list of machines, each a list of its runs',
    ],
    ["a time", 1, 'test "t": baseline: expected a list of machines, each a list of its runs'],
    [
      "a typed array with no time",
      [Float64Array.of(1, Number.NaN)],
      'test "t": baseline: machine 1: run 2: expected seconds, 0 or more, or null, got NaN',
    ],
  ])("%s is refused by where it stands", async (_, side, message) => {
    await expect(one(side as MachineTimes, fast)).rejects.toThrow(new RangeError(message));
  });
});
