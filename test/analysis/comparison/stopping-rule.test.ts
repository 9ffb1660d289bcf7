// When rounds may end (docs/statistics.md, "Stopping"). Widths and numbers of machines are worked out by hand, from tables of Student's t.

import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/comparison/analyse.ts";
import { type WidthGoal, decideStop } from "../../../src/analysis/comparison/stopping-rule.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import type { LookDecision } from "../../../src/domain/run/interim-look.ts";
import { ended, series } from "../../support/records.ts";

interface Asked extends Partial<Omit<WidthGoal, "rounds">> {
  readonly rounds?: number;
  readonly sides?: readonly string[];
  readonly rows?: readonly string[];
}

async function asked(records: readonly TrialRecord[], given: Asked): Promise<LookDecision> {
  const { rounds = 10, sides = ["a", "b"], rows = ["r"], ...aim } = given;
  const planned = rows.map((row) => ({ suite: "s", row, impl: "i" }));
  const comparison = await analyse(records, { sides, baseline: "a", rows: planned, warmup: () => 0 });
  const usual: WidthGoal = {
    share: 0.02,
    of: "rows",
    metrics: ["real"],
    nameOf: ({ row }) => row,
    rounds: () => rounds,
    apart: sides.length < 2,
  };
  return await decideStop(comparison, { ...usual, ...aim });
}

/** `count` times around `time_s`, half of them `share` below it and half above. */
function around(time_s: number, share: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => time_s * (1 + (i % 2 === 0 ? -share : share)));
}

const pair = (a: number[], b: number[], row = "r"): TrialRecord[] => [
  ...series(a, { side: "a", machine: "a-1", row }),
  ...series(b, { side: "b", machine: "b-1", row }),
];

describe("on machines", () => {
  test("narrow intervals are enough, whether or not there is a difference", async () => {
    const width = { enough: true, why: "width", missed: [] };
    expect(await asked(pair(around(1, 0.001, 10), around(1, 0.001, 10)), {})).toEqual(width);
    expect(await asked(pair(around(2, 0.001, 10), around(1, 0.001, 10)), {})).toEqual(width);
  });

  test("a wide interval is not enough, however sure the difference is; what missed is told with its width", async () => {
    const answer = await asked(pair(around(2, 0.1, 10), around(1, 0.1, 10)), {});
    expect(answer).toEqual({
      enough: false,
      missed: [{ what: "r", side: "b", metric: "real", half: expect.any(Number) as number }],
    });
    // Each median lies within 0.9 and 1.1 of its time: together at most sqrt 2 times 20 % wide.
    expect(answer.missed[0]?.half).toBeGreaterThan(0.1);
    expect(answer.missed[0]?.half).toBeLessThan(0.15);
  });

  test("nine rounds after warm-up are looked at, eight are not", async () => {
    const same = (count: number): TrialRecord[] => pair(Array(count).fill(1), Array(count).fill(1));
    expect(await asked(same(8), { rounds: 8 })).toEqual({ enough: false, missed: [] });
    expect(await asked(same(9), { rounds: 9 })).toMatchObject({ enough: true });
  });

  test("of nine runs four failed: no interval, and that is what missed", async () => {
    const lame = [1, 1, 1, 1, 1, null, null, null, null];
    const records = [
      ...series(lame, { side: "a", machine: "a-1" }),
      ...series(Array(9).fill(1), { side: "b", machine: "b-1" }),
    ];
    expect(await asked(records, { rounds: 9 })).toEqual({
      enough: false,
      missed: [{ what: "r", side: "b", metric: "real" }],
    });
  });

  test("a row that no side can run does not hold the others up", async () => {
    const skipped = ended("skipped", { row: "q", side: "b", machine: "b-1" });
    const records = [...pair(Array(10).fill(1), Array(10).fill(1)), skipped];
    expect(await asked(records, { rows: ["r", "q"] })).toMatchObject({ enough: true, why: "width" });
  });

  test("where nothing has a figure there is nothing to go on for", async () => {
    expect(await asked([], {})).toEqual({ enough: true, why: "nothing", missed: [] });
  });
});

describe("on types", () => {
  /** Three machines a side, whose logs are 2 % apart: a variance of 0.0004 on each side. */
  const apart = (share: number): TrialRecord[] =>
    ["a", "b"].flatMap((side) =>
      [-0.02, 0, 0.02].flatMap((log, i) =>
        series(around(Math.exp(log), share, 10), { side, machine: `${side}-${i + 1}` }),
      ),
    );

  test("runs that would not help are not made: it is said how many machines would do", async () => {
    // t(18) sqrt(0.0008 / 10) = 2.101 * 0.00894 = 0.0188 < ln 1.02 = 0.0198 < 2.120 * 0.00943 = t(16) sqrt(0.0008 / 9)
    expect(await asked(apart(0), {})).toMatchObject({ enough: true, why: "machines", machines: 10 });
  });

  test("runs that vary as much as machines are worth more of them", async () => {
    expect(await asked(apart(0.04), {})).toMatchObject({ enough: false });
  });

  test("six rounds are looked at", async () => {
    const alike = ["a", "b"].flatMap((side) =>
      [1, 2].flatMap((n) => series(Array(6).fill(1), { side, machine: `${side}-${n}` })),
    );
    expect(await asked(alike, { rounds: 6 })).toMatchObject({ enough: true, why: "width" });
    expect(await asked(alike, { rounds: 5 })).toMatchObject({ enough: false });
  });
});

test("of the geometric mean alone, one wide row among narrow ones does not matter", async () => {
  const rows = ["p", "q", "r", "t", "u", "v", "w", "x"];
  const records = rows.flatMap((row) => {
    const share = row === "r" ? 0.03 : 0.0001;
    return pair(around(1, share, 10), around(1, share, 10), row);
  });
  expect(await asked(records, { rows })).toMatchObject({ enough: false, missed: [{ what: "r" }] });
  expect(await asked(records, { rows, of: "geomean" })).toMatchObject({ enough: true, why: "width" });
});

test("of one side it is each machine's own median", async () => {
  const records = [
    ...series(around(1, 0.001, 10), { side: "a", machine: "a-1" }),
    ...series(around(1, 0.1, 10), { side: "a", machine: "a-2" }),
  ];
  expect(await asked(records, { sides: ["a"] })).toMatchObject({ enough: false, missed: [{ side: "a-2" }] });
  expect(await asked(records.slice(0, 10), { sides: ["a"] })).toMatchObject({ enough: true, why: "width" });
});
