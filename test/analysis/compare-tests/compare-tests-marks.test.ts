import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTests } from "../../../src/analysis/compare-tests/compare-tests.ts";
import { ended, series } from "../../support/records.ts";
import { a, analysed, b, fast, onlyRow, planned, six, slow } from "../../support/small-table.ts";

describe("a row", () => {
  test("has each side's time, the speedup, and how many cores were busy", async () => {
    const row = await onlyRow([...a, ...b]);
    const reference = await compareTests({ tests: [{ name: "t", baseline: [slow], contender: [fast] }] });
    const { speedup, lo, hi, p, p_adjusted, verdict, scope, notes } = reference.tests[0] as (typeof reference.tests)[0];
    expect(row).toMatchObject({ ...planned, driver: "c", params: { blocks: "100" }, work_id: "w", notes: [] });
    expect(row.cells["a"]?.real).toEqual({
      time_s: expect.closeTo(2.005, 12),
      kept: 8,
      of: 8,
      status: "ok",
      reasons: {},
      machines: [
        { machine: "a-1", median_s: 2.005, lo_s: expect.closeTo(1.979, 2), hi_s: expect.closeTo(2.031, 2), kept: 8 },
      ],
    });
    expect(row.speedups).toEqual({
      b: {
        real: { value: speedup, lo, hi, p, p_adjusted, verdict, scope, notes },
        cpu: expect.objectContaining({ verdict: "faster" }),
      },
    });
    expect(row.cores_busy).toEqual({ a: expect.closeTo(1, 12), b: expect.closeTo(1, 12) });
  });

  test("of several machines a side divides into its speedup, a claim on the types", async () => {
    const { cells, speedups } = await onlyRow(six);
    const { value, scope } = speedups["b"]?.real ?? {};
    expect(scope).toBe("type");
    expect((cells["a"]?.real.time_s ?? 0) / (cells["b"]?.real.time_s ?? 0)).toBeCloseTo(value ?? 0, 12);
  });

  test("of one run on each of several machines is a claim on the types, by Welch on the machines", async () => {
    // By hand: d = ln 2, s = 0.047660 on both sides, q(4) = 2.776445, so it reaches 0.108042 on the scale of logs.
    const records = [2, 2.1, 2.2].flatMap((time, i) => [
      ...series([time], { machine: `a-${i}`, side: "a" }),
      ...series([time / 2], { machine: `b-${i}`, side: "b" }),
    ]);
    const { cells, speedups } = await onlyRow(records);
    expect(cells["a"]?.real).toMatchObject({ kept: 3, of: 3, status: "ok" });
    expect(speedups["b"]?.real).toMatchObject({ scope: "type", verdict: "faster", value: expect.closeTo(2, 9) });
    expect(speedups["b"]?.real.lo).toBeCloseTo(1.7952, 3);
    expect(speedups["b"]?.real.hi).toBeCloseTo(2.2282, 3);
    expect(speedups["b"]?.real.notes).toContain("under 3 kept runs on a machine");
  });

  test("is planned and never ran: it stays in the table, with no time", async () => {
    const row = await onlyRow([]);
    const cell = { time_s: null, kept: 0, of: 0, status: "not-run", reasons: {}, machines: [] };
    expect(row.cells).toEqual({ a: { real: cell, cpu: cell }, b: { real: cell, cpu: cell } });
    expect(row.speedups["b"]?.real).toMatchObject({ value: null, verdict: "failed" });
    expect(row.cores_busy).toEqual({ a: null, b: null });
  });

  test("that ran on one side alone has no speedup, and that is said", async () => {
    expect((await onlyRow(a)).speedups["b"]?.real).toMatchObject({
      value: null,
      verdict: "failed",
      notes: ["the sides have no such row with the same driver, parameters and work"],
    });
  });

  test("rows come in planned order, with those that were not planned last", async () => {
    const rows = ["z", "y"].map((row) => ({ ...planned, row }));
    const records = [...series([1], { row: "y" }), ...series([1], { row: "x" }), ...series([1], { row: "z" })];
    expect((await analysed(records, { rows })).rows.map(({ row }) => row)).toEqual(["z", "y", "x"]);
  });
});

describe("the clock", () => {
  test("each metric has its own, the coarsest of the records compared", async () => {
    const clocks = { real_resolution_s: 1e-6, cpu_resolution_s: 0.01 };
    const short = (side: string) =>
      series(
        Array.from({ length: 8 }, () => 0.09),
        { side, machine: side, ...clocks },
      );
    const { cells, speedups } = await onlyRow([...short("a"), ...short("b")]);
    expect([cells["a"]?.real.status, cells["a"]?.cpu.status, cells["a"]?.cpu.time_s]).toEqual(["ok", "short", null]);
    expect([speedups["b"]?.real.verdict, speedups["b"]?.cpu.verdict]).toEqual(["none", "too-short"]);
  });
});

describe("hosts", () => {
  test("machines that share one make no claim on a type, and that is said", async () => {
    const shared = six.map((record) => ({
      ...record,
      host_id: record.machine === "b-3" ? "host of a-1" : record.host_id,
    }));
    const { rows, notes } = await analysed(shared);
    expect(rows[0]?.speedups["b"]?.real.scope).toBe("machines");
    expect(notes).toContain("b against a: machines share a host, so no claim on a type is made");
  });

  test("machines that were lost before they said where they are share none", async () => {
    const lost = ["b-8", "b-9"].map((machine) => ended("skipped", { side: "b", machine, host_id: "" }));
    const { rows, notes } = await analysed([...six, ...lost]);
    expect(rows[0]?.speedups["b"]?.real.scope).toBe("type");
    expect(notes.join("\n")).not.toContain("share a host");
  });

  test("one machine a side is a claim on these machines only, and that is said", async () => {
    expect((await analysed([...a, ...b])).notes).toEqual(["b against a: holds for these machines only"]);
    expect((await analysed(six)).notes).toEqual([]);
  });
});

describe("geometric means", () => {
  const suiteOf = (speedups: Record<string, number>, suite = "s") =>
    Object.entries(speedups).flatMap(([row, by]) => [
      ...series(slow, { suite, row }),
      ...series(
        slow.map((time) => time / by),
        { suite, row, side: "b", machine: "b-1" },
      ),
    ]);

  test("say over how many of the matched rows, and how far one row moves them", async () => {
    const failed = [...series(slow, { row: "f" }), ...series([null], { row: "f", side: "b", machine: "b-1" })];
    const { geomeans } = await analysed([...suiteOf({ x: 0.9, y: 2 }), ...failed], { rows: [] });
    expect(geomeans).toEqual([
      {
        suite: "s",
        speedups: {
          b: {
            real: {
              value: expect.closeTo(Math.sqrt(1.8), 12),
              lo: expect.any(Number),
              hi: expect.any(Number),
              scope: "machines",
              count: 2,
              of: 3,
              leave_one_out: [expect.closeTo(0.9, 12), expect.closeTo(2, 12)],
              decided_by_one_row: true,
            },
            cpu: expect.objectContaining({ count: 2, of: 3 }),
          },
        },
      },
    ]);
  });

  test("that no row decides alone say so", async () => {
    const { geomeans } = await analysed(suiteOf({ x: 1.5, y: 2 }), { rows: [] });
    expect(geomeans[0]?.speedups["b"]?.real?.decided_by_one_row).toBe(false);
  });

  test("come one a suite and one over all, where there are several", async () => {
    const { geomeans } = await analysed([...suiteOf({ x: 2 }, "one"), ...suiteOf({ x: 8 }, "two")], { rows: [] });
    expect(geomeans.map(({ suite, speedups }) => [suite, speedups["b"]?.real?.value.toFixed(6)])).toEqual([
      ["one", "2.000000"],
      ["two", "8.000000"],
      [null, "4.000000"],
    ]);
  });

  test("match runs by their round, not by their place", async () => {
    const later = (by: number) => suiteOf({ y: 2 }).map((record) => ({ ...record, round: record.round + by })); // rounds 1 + by to 8 + by
    const lo = async (by: number) => {
      const { geomeans } = await analysed([...suiteOf({ x: 2 }), ...later(by)], { rows: [] });
      return geomeans[0]?.speedups["b"]?.real?.lo;
    };
    expect(await lo(2)).not.toBeNull();
    // Of rounds 1 to 8 and 4 to 11 five are common: too few.
    expect(await lo(3)).toBeNull();
  });

  test("are null where nothing can be compared", async () => {
    expect((await analysed(a)).geomeans).toEqual([{ suite: "s", speedups: { b: { real: null, cpu: null } } }]);
  });
});

describe("the table", () => {
  test("compares every other side with the baseline", async () => {
    const c = series(fast, { side: "c", machine: "c-1" });
    const { rows } = await analysed([...a, ...b, ...c], { sides: ["a", "b", "c"], baseline: "b" });
    const verdicts = Object.entries(rows[0]?.speedups ?? {}).map(([side, { real }]) => [side, real.verdict]);
    expect(verdicts).toEqual([
      ["a", "slower"],
      ["c", "none"],
    ]);
  });

  test("another baseline inverts the speedups", async () => {
    const [there, back] = [await onlyRow(six), await onlyRow(six, { baseline: "b" })];
    expect(back.speedups["a"]?.real.value).toBeCloseTo(1 / (there.speedups["b"]?.real.value ?? 0), 12);
  });

  test("a baseline that is no side is refused", async () => {
    await expect(analysed(a, { baseline: "nobody" })).rejects.toMatchObject({ code: "BASELINE_UNKNOWN" });
  });

  test("says when runs hang together in time", async () => {
    const drift = (side: string) =>
      ["x", "y"].flatMap((row) =>
        series(
          Array.from({ length: 12 }, (_, i) => 1 + i / 100),
          { side, machine: side, row },
        ),
      );
    const { notes } = await analysed([...drift("a"), ...drift("b")], { rows: [] });
    expect(notes).toContain("in 4 of 4 series neighbouring runs are correlated: intervals may be too narrow");
  });

  test("lists machine 10 after machine 2", async () => {
    const records = ["a-10", "a-2", "a-1"].flatMap((machine) => series([1], { machine }));
    expect((await analysed(records)).machines).toEqual({ a: ["a-1", "a-2", "a-10"], b: [] });
  });

  test("is the same from JSON, and whatever the order of the records", async () => {
    const comparison = await analysed(six);
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(six, { minLength: six.length }), async (shuffled) => {
        expect(await analysed(shuffled)).toEqual(comparison);
      }),
      { numRuns: 20 },
    );
  });

  test("kept runs and those left out add up to all of them", async () => {
    const time = fc.option(fc.constantFrom(1, 1.1, 1.2));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(time, { maxLength: 8 }), { maxLength: 4 }), async (machines) => {
        const records = machines.flatMap((times, i) => series(times, { machine: `a-${i}` }));
        const { rows } = await analysed(records);
        const cells = rows.map(({ cells }) => cells["a"]?.real);
        const sum = cells.reduce(
          (total, cell) => total + (cell?.kept ?? 0) + Object.values(cell?.reasons ?? {}).reduce((m, n) => m + n, 0),
          0,
        );
        expect(sum).toBe(records.length);
        expect(cells.reduce((total, cell) => total + (cell?.of ?? 0), 0)).toBe(records.length);
      }),
    );
  });
});
