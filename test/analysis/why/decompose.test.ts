// A speedup split into clock, instructions and work a cycle: the parts multiply to it, whatever is known of each side.

import { describe, expect, test } from "vitest";
import { recomputeFactors } from "../../../src/analysis/audit/recompute-factors.ts";
import { rowRuns } from "../../../src/analysis/comparison/row-runs.ts";
import { clockNotes } from "../../../src/analysis/why/clock-notes.ts";
import { factorsOfRow, type SpeedupFactors } from "../../../src/analysis/why/decompose.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { series } from "../../support/records.ts";
import { analysed, planned } from "../../support/small-table.ts";

type Completed = Extract<TrialRecord, { status: "completed" }>;
type Readings = (record: Completed, i: number) => Partial<Completed>;

const noise = [0, 1, -1, 2, -2, 3, -3, 4];
const pairing = { sides: ["a", "b"], rows: [planned], warmup: () => 0 };

/** Records of one machine whose runs take about `time_s`, each in a batch of its own, with the readings `read`. */
function machineOf(name: string, time_s: number, read: Readings): TrialRecord[] {
  const times = noise.map((step) => time_s * (1 + step / 1000));
  const [side = ""] = name.split("-");
  return series(times, { side, machine: name, host_id: name }).map((record, i) => ({
    ...record,
    batch: `s.r${i}`,
    ...read(record as Completed, i),
  })) as TrialRecord[];
}

const clock =
  (hz: number): Readings =>
  (_, i) => ({ clock_hz_before: hz * (1 + i / 1e4), clock_hz_after: hz * (1 - i / 1e4) });

/** Counts at `hz` and `perCycle` instructions a cycle. */
const counting =
  (hz: number, perCycle: number, more: Partial<Completed> = {}): Readings =>
  (record, i) => {
    const cpu_s = record.user_s + record.system_s;
    const cycles = Math.round(cpu_s * hz);
    return {
      ...clock(hz)(record, i),
      counted: "user+kernel",
      cycles,
      instructions: Math.round(cycles * perCycle),
      counters_enabled_s: cpu_s,
      counters_running_s: cpu_s,
      ...more,
    };
  };

async function split(records: readonly TrialRecord[]) {
  const comparison = await analysed(records);
  const [row] = comparison.rows;
  const runs = rowRuns(records, pairing);
  if (row === undefined) throw new Error("no row");
  const { b: found } = await factorsOfRow(row, runs[0], { baseline: "a", contenders: ["b"] });
  if (found === undefined) throw new Error("no factors");
  return { comparison, row, runs, found };
}

const named = ({ factors }: SpeedupFactors) => Object.fromEntries(factors.map((factor) => [factor.name, factor]));
const product = ({ factors }: SpeedupFactors): number => factors.reduce((all, { value }) => all * value, 1);

test("without counters it is the clock and the rest, each with an interval, and they multiply to the speedup", async () => {
  const records = [...machineOf("a-1", 2, clock(2.5e9)), ...machineOf("b-1", 1, clock(3e9))];
  const { row, found, comparison, runs } = await split(records);
  expect(found).toMatchObject({ counted: null, notes: [] });
  expect(found.factors.map(({ name }) => name)).toEqual(["clock", "rest"]);
  const { clock: clocks, rest } = named(found);
  expect(clocks?.value).toBeCloseTo(1.2, 6);
  expect(rest?.value).toBeCloseTo(2 / 1.2, 6);
  for (const factor of found.factors) {
    expect(factor.lo).toBeLessThanOrEqual(factor.value);
    expect(factor.hi).toBeGreaterThanOrEqual(factor.value);
  }
  expect(rest?.hi).toBeGreaterThan(rest?.value ?? 0);
  expect(product(found)).toBeCloseTo(row.speedups["b"]?.cpu.value ?? 0, 12);
  expect(recomputeFactors(comparison, runs, [{ b: found }])).toEqual([]);
});

test("with counters of both sides it is clock, instructions and work a cycle", async () => {
  // 1.38 = 1.04 × 1.00 × 1.33, as in docs/why.md: a quarter fewer cycles at the same number of instructions.
  const [slow_s, fast_s] = [1.3832, 1];
  const perCycle = 1.5;
  const instructions = slow_s * 2.5e9 * perCycle;
  const records = [
    ...machineOf("a-1", slow_s, counting(2.5e9, perCycle)),
    ...machineOf("b-1", fast_s, counting(2.6e9, instructions / (fast_s * 2.6e9))),
  ];
  const { row, found, comparison, runs } = await split(records);
  expect(found.counted).toBe("user+kernel");
  expect(found.factors.map(({ name }) => name)).toEqual(["clock", "instructions", "work-per-cycle"]);
  const { clock: clocks, instructions: counted, "work-per-cycle": work } = named(found);
  expect([clocks?.value, counted?.value, work?.value].map((value) => value?.toFixed(3))).toEqual([
    "1.040",
    "1.000",
    "1.330",
  ]);
  expect(product(found)).toBeCloseTo(row.speedups["b"]?.cpu.value ?? 0, 12);
  expect(recomputeFactors(comparison, runs, [{ b: found }])).toEqual([]);
});

test("fewer instructions on a side that has one for the work show as instructions, not as work a cycle", async () => {
  const records = [...machineOf("a-1", 3, counting(3e9, 2)), ...machineOf("b-1", 1, counting(3e9, 2))];
  const { instructions, "work-per-cycle": work } = named((await split(records)).found);
  expect(instructions?.value).toBeCloseTo(3, 6);
  expect(work?.value).toBeCloseTo(1, 6);
});

test("with machines as a sample of their type, each is one value, and the interval is Welch's", async () => {
  const records = ["1", "2", "3"].flatMap((n, i) => [
    ...machineOf(`a-${n}`, 2 * (1 + i / 1000), clock(2.5e9 * (1 + i / 100))),
    ...machineOf(`b-${n}`, 1 * (1 + i / 500), clock(3e9 * (1 - i / 100))),
  ]);
  const { row, found, comparison, runs } = await split(records);
  expect(row.speedups["b"]?.cpu.scope).toBe("type");
  const { clock: clocks, rest } = named(found);
  // Three machines a side whose clocks differ by 1 % each: 2.776 standard errors of two means at 4 degrees of freedom.
  const width = Math.exp(2 * 2.776 * 0.01 * Math.sqrt(2 / 3));
  expect((clocks?.hi ?? 0) / (clocks?.lo ?? 1)).toBeCloseTo(width, 3);
  expect((rest?.hi ?? 0) / (rest?.lo ?? 1)).toBeCloseTo(width, 2);
  expect(product(found)).toBeCloseTo(row.speedups["b"]?.cpu.value ?? 0, 12);
  expect(recomputeFactors(comparison, runs, [{ b: found }])).toEqual([]);
});

test("the runs of one batch share its clock, which then has no interval", async () => {
  const together = (record: TrialRecord): TrialRecord => ({ ...record, batch: "one" });
  const records = [...machineOf("a-1", 2, clock(2.5e9)), ...machineOf("b-1", 1, clock(3e9))].map(together);
  const { clock: clocks, rest } = named((await split(records)).found);
  expect([clocks?.lo, clocks?.hi]).toEqual([null, null]);
  expect(rest?.lo).not.toBeNull();
});

describe("what cannot be split by", () => {
  test("a side without a clock leaves the speedup whole, and is named", async () => {
    const records = [...machineOf("a-1", 2, clock(2.5e9)), ...machineOf("b-1", 1, () => ({}))];
    expect((await split(records)).found).toEqual({
      factors: [],
      counted: null,
      notes: ["b: no clock was measured there"],
    });
  });

  test.each<[string, Readings, string]>([
    [
      "the user's part on one side and the kernel's too on the other",
      counting(3e9, 2, { counted: "user" }),
      "instructions are not compared: counted were user+kernel on a, user on b",
    ],
    ["nothing on one side", clock(3e9), "instructions are not compared: counted were user+kernel on a, nothing on b"],
    [
      "a part of the run, since the counters shared their hardware",
      counting(3e9, 2, { counters_running_s: 0.4 }),
      "instructions are not compared: the counters shared their hardware on b",
    ],
    [
      "numbers that went backwards",
      counting(3e9, 2, { cycles: -1 }),
      "instructions are not compared: counted were user+kernel on a, nothing on b",
    ],
  ])("counts of %s leave clock and rest, and it says why", async (_, read, why) => {
    const { found, row } = await split([...machineOf("a-1", 2, counting(2.5e9, 2)), ...machineOf("b-1", 1, read)]);
    expect(found.factors.map(({ name }) => name)).toEqual(["clock", "rest"]);
    expect(found.notes).toEqual([why]);
    expect(product(found)).toBeCloseTo(row.speedups["b"]?.cpu.value ?? 0, 12);
  });

  test("a virtual clock that lies is told beside the cycle counter's", async () => {
    const lying = (record: Completed, i: number) => ({ ...counting(3e9, 2)(record, i), ...clock(1.5e9)(record, i) });
    const { found } = await split([...machineOf("a-1", 2, counting(2.5e9, 2)), ...machineOf("b-1", 1, lying)]);
    expect(found.notes).toEqual(["b-1: 1.50 GHz by additions, 3.00 GHz by the cycle counter: one clock is wrong"]);
    expect(named(found)["clock"]?.value).toBeCloseTo(1.2, 6);
  });

  test("counts of the steps' own code alone on both sides are used, with the clock by additions, and it says so", async () => {
    const own = (hz: number): Readings => counting(hz, 2, { counted: "user" });
    const { found } = await split([...machineOf("a-1", 2, own(2.5e9)), ...machineOf("b-1", 1, own(3e9))]);
    expect(found.counted).toBe("user");
    expect(named(found)["clock"]?.value).toBeCloseTo(1.2, 4);
    expect(found.notes).toEqual(["instructions of the steps' own code alone: the kernel's part was not counted"]);
  });
});

describe("the second computation names", () => {
  const records = [...machineOf("a-1", 2, counting(2.5e9, 2)), ...machineOf("b-1", 1, counting(3e9, 2))];

  test("a factor that somebody changed, and the product", async () => {
    const { comparison, runs, found } = await split(records);
    const factors = found.factors.map((factor, i) => (i === 0 ? { ...factor, value: factor.value * 1.001 } : factor));
    const faults = recomputeFactors(comparison, runs, [{ b: { ...found, factors } }]);
    expect(faults[0]).toMatch(/^s\/r\/i of b, product of its factors: expected 2.*, found 2\.00/);
    expect(faults[1]).toMatch(/^s\/r\/i of b, clock: expected 1\.2.*, found 1\.20/);
  });

  test("an interval beside its value", async () => {
    const { comparison, runs, found } = await split(records);
    const factors = found.factors.map((factor) => ({ ...factor, lo: factor.value * 1.1 }));
    expect(recomputeFactors(comparison, runs, [{ b: { ...found, factors } }])).toHaveLength(3);
  });
});

describe("the clock of a side", () => {
  test("that moves by more than 2 % during a batch is noted", async () => {
    const moving: Readings = (record, i) => ({ ...clock(3e9)(record, i), ...(i < 3 ? { clock_hz_after: 2.8e9 } : {}) });
    const { comparison, runs } = await split([...machineOf("a-1", 2, clock(3e9)), ...machineOf("b-1", 1, moving)]);
    expect(clockNotes(comparison, runs)).toEqual([
      "b: the clock moved by more than 2 % during 3 of 8 batches (2.80 to 3.00 GHz)",
    ]);
  });

  test("that falls while all CPUs are busy is said, and not where one CPU is busy", async () => {
    const falling: Readings = () => ({ clock_hz_before: 3.6e9, clock_hz_after: 3.24e9 });
    const { comparison, runs } = await split([...machineOf("a-1", 2, clock(3e9)), ...machineOf("b-1", 1, falling)]);
    const bound = (how: "cpu" | "serial") => ({
      ...comparison,
      rows: comparison.rows.map((row) => ({ ...row, bound: { a: how, b: how } })),
    });
    expect(clockNotes(bound("cpu"), runs)).toContain(
      "b: the clock falls by 10 % while all CPUs are busy (3.60 to 3.24 GHz)",
    );
    expect(clockNotes(bound("serial"), runs)).toHaveLength(1);
  });
});

describe("published figures of perf stat split as perf prints them", () => {
  interface Published {
    readonly task_clock_ms: number;
    readonly cycles: number;
    readonly instructions: number;
  }
  /** `make`, in the manual page of perf-stat: 2.742 GHz, 1.36 instructions per cycle. */
  const make: Published = { task_clock_ms: 83723.452481, cycles: 229_570_665_834, instructions: 313_163_853_778 };
  /** Twice the same program on a Xeon E3-1505M v6, by its author: 3.730 GHz and 2.01; 3.844 GHz and 2.24. */
  const slow: Published = { task_clock_ms: 112.329506, cycles: 418_991_316, instructions: 843_385_199 };
  const fast: Published = { task_clock_ms: 97.922823, cycles: 376_416_206, instructions: 843_259_218 };

  const recordsOf = (name: string, { task_clock_ms, cycles, instructions }: Published): TrialRecord[] => {
    const cpu_s = task_clock_ms / 1000;
    const [side = ""] = name.split("-");
    return series(Array(8).fill(cpu_s), { side, machine: name, host_id: name }).map((record, i) => ({
      ...record,
      user_s: cpu_s,
      system_s: 0,
      batch: `b${i}`,
      counted: "user+kernel",
      cycles,
      instructions,
      counters_enabled_s: cpu_s,
      counters_running_s: cpu_s,
    })) as TrialRecord[];
  };

  test.each([
    ["one program, slow and fast", slow, fast, { clock: 3.844 / 3.73, instructions: 1.00015, work: 2.24 / 2.01 }],
    ["two machines", make, slow, { clock: 3.73 / 2.742, instructions: 371.318, work: 2.013 / 1.3641 }],
  ])("%s", async (_, b, c, expected) => {
    const { found, row, comparison, runs } = await split([...recordsOf("a-1", b), ...recordsOf("b-1", c)]);
    const { clock: clocks, instructions, "work-per-cycle": work } = named(found);
    // Perf prints three digits.
    expect((clocks?.value ?? 0) / expected.clock).toBeCloseTo(1, 3);
    expect((instructions?.value ?? 0) / expected.instructions).toBeCloseTo(1, 4);
    expect((work?.value ?? 0) / expected.work).toBeCloseTo(1, 2);
    expect(product(found)).toBeCloseTo(b.task_clock_ms / c.task_clock_ms, 8);
    expect(row.speedups["b"]?.cpu.value).toBeCloseTo(b.task_clock_ms / c.task_clock_ms, 8);
    expect(recomputeFactors(comparison, runs, [{ b: found }])).toEqual([]);
  });
});
