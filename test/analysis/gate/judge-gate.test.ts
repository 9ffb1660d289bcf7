// Gates on small comparisons whose intervals are worked out by hand: three machines a side at 0.95, 1 and 1/0.95 of a time.

import { describe, expect, test } from "vitest";
import { type GateResult, judgeGate } from "../../../src/analysis/gate/judge-gate.ts";
import type { Gate } from "../../../src/domain/plan/gate.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { ended, series } from "../../support/records.ts";

const machines = [0.95, 1, 1 / 0.95];

/** Eight runs of a row on three machines a side; `b` takes `slower` times as long. */
function typed(row: string, slower: number): TrialRecord[] {
  return (["a", "b"] as const).flatMap((side) =>
    machines.flatMap((own, i) => {
      const time_s = own * (side === "a" ? 2 : 2 * slower);
      return series(
        Array.from({ length: 8 }, () => time_s),
        { side, row, machine: `${side}-${i + 1}` },
      );
    }),
  );
}

const cpu = (slower_percent: number, of?: string): Gate["limits"][number] => ({
  metric: "cpu",
  slower_percent,
  ...(of === undefined ? {} : { of }),
});

async function judged(records: readonly TrialRecord[], ...limits: Gate["limits"]): Promise<GateResult> {
  const rows = [...new Set(records.map(({ row }) => row))].map((row) => ({ suite: "s", row, impl: "i" }));
  return await judgeGate(records, { limits }, { sides: ["a", "b"], baseline: "a", rows, warmup: () => 0 });
}

/** P(|T| > t) at 4 degrees of freedom, in closed form. */
function twoSided(t: number): number {
  const s = 1 + (t * t) / 4;
  return 1 - 2 * (3 / 8) * (t / Math.sqrt(s)) * (1 - (t * t) / (12 * s));
}

/** The half-width of `typed`'s interval at Student's `t`: the logs of a side are -x, 0 and x, their variance x². */
const half = (t: number): number => t * -Math.log(0.95) * Math.sqrt(2 / 3);

describe("one limit on one row, 20 % slower", () => {
  // 2.776 is the 97.5 % point of Student's t at 4 degrees of freedom: from +6.8 to +34.8 %.
  const [lo, hi] = [-1, 1].map((sign) => 100 * Math.expm1(Math.log(1.2) + sign * half(2.776445)));

  test.each([
    [3, "fail"],
    [10, "undecided"],
    [30, "undecided"],
    [40, "pass"],
  ])("of %d percent is decided by the interval: %s", async (percent, answer) => {
    const gate = await judged(typed("r", 1.2), cpu(percent));
    expect(gate).toMatchObject({ answer, comparisons: 1, limits: [{ answer }] });
    const [item] = gate.limits[0]?.items ?? [];
    expect(item?.percent).toBeCloseTo(20, 9);
    expect(item?.lo).toBeCloseTo(lo as number, 4);
    expect(item?.hi).toBeCloseTo(hi as number, 4);
    // Nothing else could have failed by chance.
    expect([item?.lo_adjusted, item?.hi_adjusted]).toEqual([item?.lo, item?.hi]);
  });
});

describe("several comparisons", () => {
  const four = ["r", "q", "p", "o"].flatMap((row) => typed(row, row === "r" ? 1.2 : 1));

  test("fail by the interval that allows for all of them", async () => {
    const gate = await judged(four, cpu(3));
    expect(gate.comparisons).toBe(4);
    const [slow] = gate.limits[0]?.items ?? [];
    // Alone, from +6.8 %, it would fail.
    expect(slow).toMatchObject({ answer: "undecided" });
    expect(slow?.lo).toBeGreaterThan(3);
    const t = (Math.log(1.2) - Math.log1p((slow?.lo_adjusted ?? 0) / 100)) / half(1);
    expect(twoSided(t)).toBeCloseTo(0.05 / 4, 9);
    expect(gate.answer).toBe("undecided");
  });

  test("pass only all together, each by its plain interval", async () => {
    // The equal rows: up to exp(0.1163) = +12.3 % by the plain interval, to +19.8 % by the one that allows for four.
    const gate = await judged(four, cpu(15));
    expect(gate.limits[0]?.items.map(({ answer }) => answer)).toEqual(["undecided", "pass", "pass", "pass"]);
    expect(gate.limits[0]?.items[1]?.hi_adjusted).toBeGreaterThan(15);
    expect((await judged(four, cpu(40))).answer).toBe("pass");
  });

  test("of several limits count together, and one that fails decides", async () => {
    const gate = await judged(typed("r", 1.5), cpu(100), { metric: "real", slower_percent: 10 });
    expect(gate).toMatchObject({ answer: "fail", comparisons: 2 });
    expect(gate.limits.map(({ answer }) => answer)).toEqual(["pass", "fail"]);
  });
});

test("a limit on a row judges no other", async () => {
  const records = [...typed("r", 2), ...typed("q", 1)];
  expect(await judged(records, cpu(20, "s/q"))).toMatchObject({ answer: "pass", comparisons: 1 });
  expect(await judged(records, cpu(20, "s/r/i"))).toMatchObject({ answer: "fail", comparisons: 1 });
});

test("a limit on the geometric mean is decided by the mean's own interval", async () => {
  // 1.5 times and as fast: the mean is sqrt 1.5, and the machines' scores have the spread of each row.
  const gate = await judged([...typed("r", 1.5), ...typed("q", 1)], cpu(3, "geomean"));
  const [item] = gate.limits[0]?.items ?? [];
  expect(item).toMatchObject({ row: null, over: { count: 2, of: 2 } });
  expect(item?.percent).toBeCloseTo(100 * (Math.sqrt(1.5) - 1), 9);
  expect(item?.lo).toBeCloseTo(100 * Math.expm1(Math.log(1.5) / 2 - half(2.776445)), 4);
  expect(gate.answer).toBe("fail");
});

describe("what has no interval is undecided, and says why", () => {
  const lone = (count: number): TrialRecord[] => [
    ...series(Array.from({ length: count }, (_, i) => 1 + i / 1000)),
    ...series(
      Array.from({ length: count }, (_, i) => 9 + i / 1000),
      { side: "b", machine: "b-1" },
    ),
  ];

  test.each<[string, TrialRecord[], Gate["limits"][number], string]>([
    ["too few runs", lone(5), cpu(3), "no interval: that takes 6 kept runs on each machine"],
    [
      "a side that failed",
      [...lone(8).filter(({ side }) => side === "a"), ...failed()],
      cpu(3),
      "no kept run on one side",
    ],
    [
      "a row of one side alone",
      lone(8).filter(({ side }) => side === "a"),
      cpu(3),
      "the sides have no such row in common",
    ],
    ["a row that was not run", lone(8), cpu(3, "none"), "the row was not run"],
    ["a mean over nothing", lone(5), cpu(3, "geomean"), "no row has an interval"],
  ])("%s", async (_, records, limit, why) => {
    const gate = await judged(records, limit);
    expect(gate).toMatchObject({ answer: "undecided", comparisons: 0 });
    expect(gate.limits[0]?.items).toMatchObject([{ answer: "undecided", lo: null, hi: null, why }]);
  });

  test("beside another row that fails, the gate fails", async () => {
    const short = series([0, 0, 0, 0, 0, 0, 0, 0], { row: "q" });
    const both = [...short, ...short.map((record) => ({ ...record, side: "b", machine: "b-1" }))];
    const gate = await judged([...lone(8), ...both], cpu(3));
    expect(gate.limits[0]?.items.map(({ answer, why }) => [answer, why])).toEqual([
      ["fail", undefined],
      ["undecided", "too short for the clock of cpu times"],
    ]);
    expect(gate.answer).toBe("fail");
  });
});

function failed(): TrialRecord[] {
  return Array.from({ length: 8 }, (_, i) => ended("failed", { side: "b", machine: "b-1", round: i + 1 }));
}
