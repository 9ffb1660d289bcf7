import { describe, expect, test } from "vitest";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { completed, ended, series } from "../../support/records.ts";
import { a, analysed, b, fast, onlyRow, slow } from "../../support/small-table.ts";

describe("pairing", () => {
  test.each([
    ["driver", { driver: "python3" }],
    ["work", { work_id: "other" }],
    ["parameters", { params: { blocks: "200" } }],
  ])("another %s is another row", async (_, other) => {
    const { rows } = await analysed([...a, ...series(fast, { side: "b", machine: "b-1", ...other })]);
    expect(rows.map(({ cells }) => [cells["a"]?.real.of, cells["b"]?.real.of])).toEqual([
      [8, 0],
      [0, 8],
    ]);
  });

  test("the order of the parameters is no difference", async () => {
    const [one, two] = [
      { x: "1", y: "2" },
      { y: "2", x: "1" },
    ];
    const { cells } = await onlyRow([
      ...series(slow, { params: one }),
      ...series(fast, { side: "b", machine: "b-1", params: two }),
    ]);
    expect([cells["a"]?.real.kept, cells["b"]?.real.kept]).toEqual([8, 8]);
  });

  test("a trial that never came to know its driver belongs to its machine's row", async () => {
    const python = series(fast, { side: "b", machine: "b-1", driver: "python3" });
    const skipped = ended("skipped", { side: "b", machine: "b-1", round: 9 });
    const { rows } = await analysed([...a, ...python, skipped]);
    expect(rows.map(({ driver, cells }) => [driver, cells["b"]?.real.of])).toEqual([
      ["c", 0],
      ["python3", 9],
    ]);
  });

  test("a side that failed throughout still pairs, and its verdict is that it failed", async () => {
    const { cells, speedups, notes } = await onlyRow([...a, ...series([null, null], { side: "b", machine: "b-1" })]);
    expect(cells["b"]?.real).toMatchObject({ time_s: null, kept: 0, of: 2, status: "fail", reasons: { failed: 2 } });
    expect(speedups["b"]?.real).toMatchObject({
      value: null,
      verdict: "failed",
      notes: expect.arrayContaining(["no machine left on a side"]),
    });
    expect(notes).toEqual(["b: 2 of 2 runs left out (2 failed)"]);
  });
});

describe("runs", () => {
  test("the first ones of each machine are dropped by position, failed or not, in order of rounds", async () => {
    const warm = [...series([null, 100, ...slow]), ...series([100, null, ...fast], { side: "b", machine: "b-1" })];
    const { cells } = await onlyRow(warm.toReversed(), { warmup: () => 2 });
    expect(
      [cells["a"]?.real, cells["b"]?.real].map((cell) => [cell?.kept, cell?.of, cell?.time_s?.toFixed(3)]),
    ).toEqual([
      [8, 8, "2.005"],
      [8, 8, "1.005"],
    ]);
  });

  test("the last attempt of a trial counts, and it alone", async () => {
    const again = completed({ round: 2, attempt: 2, real_s: 3 });
    const { cells } = await onlyRow([completed({ real_s: 3 }), again, ended("failed", { round: 2, attempt: 1 })]);
    expect(cells["a"]?.real).toMatchObject({ time_s: expect.closeTo(3, 12), kept: 2, of: 2, reasons: {} });
  });

  test("a trial stored twice counts once", async () => {
    expect((await onlyRow([...a, ...a])).cells["a"]?.real).toMatchObject({ kept: 8, of: 8 });
  });

  test("what is not completed, checked and untainted is left out and counted by reason", async () => {
    const { check: _, ...unchecked } = completed({ round: 2 });
    const records = [
      completed({ check: "failed" }),
      unchecked,
      completed({ round: 3, tainted: ["steal", "swap"] }),
      ended("timed-out", { round: 4 }),
      ended("failed", { round: 5 }),
      ended("skipped", { round: 6 }),
      ...[7, 8, 9, 10, 11, 12].map((round) => completed({ round, check: "exit-only" })),
    ];
    const { rows, left_out } = await analysed([...records, ...b]);
    const reasons = { "check-failed": 1, failed: 1, "not-run": 1, steal: 1, "timed-out": 1, unchecked: 1 };
    expect(rows[0]?.cells["a"]?.real).toMatchObject({ kept: 6, of: 12, status: "ok", reasons });
    expect(left_out).toEqual({ runs: 6, of: 20, reasons });
    expect(rows[0]?.notes).toEqual([
      "a: 6 of 12 runs left out (1 check-failed, 1 failed, 1 not-run, 1 steal, 1 timed-out, 1 unchecked)",
      "checked by exit status only",
    ]);
  });

  test("the commonest reason stands for a side with no kept run", async () => {
    const all = (record: (round: number) => TrialRecord) => onlyRow([1, 2, 3].map(record));
    const status = async (record: (round: number) => TrialRecord) => (await all(record)).cells["a"]?.real.status;
    expect(await status((round) => ended("timed-out", { round }))).toBe("t/o");
    expect(await status((round) => ended("skipped", { round }))).toBe("not-run");
    expect(await status((round) => completed({ round, tainted: ["swap"] }))).toBe("tainted");
    expect(await status((round) => completed({ round, check: "failed" }))).toBe("fail");
  });

  test("fewer than half kept are shown, marked, and not compared", async () => {
    const { cells, speedups } = await onlyRow([...series([2, 2, null, null, null]), ...b]);
    expect(cells["a"]?.real).toMatchObject({ time_s: 2, kept: 2, of: 5, status: "few", reasons: { failed: 3 } });
    expect(speedups["b"]?.real.verdict).toBe("failed");
  });

  test("a machine left out takes its sound runs with it, and they are counted", async () => {
    const bad = series([9, null, null, null], { machine: "a-2" });
    const { cells } = await onlyRow([...a, ...bad, ...b]);
    expect(cells["a"]?.real).toMatchObject({
      time_s: expect.closeTo(2.005, 12),
      kept: 8,
      of: 12,
      reasons: { failed: 3, "mostly-failed": 1 },
    });
    expect(cells["a"]?.real.machines.map(({ machine }) => machine)).toEqual(["a-1"]);
  });
});
