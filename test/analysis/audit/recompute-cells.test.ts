// The second count, of comparisons in which somebody changed a number.

import { describe, expect, test } from "vitest";
import { rowRuns } from "../../../src/analysis/comparison/row-runs.ts";
import { recomputeCells } from "../../../src/analysis/audit/recompute-cells.ts";
import type { Comparison } from "../../../src/analysis/comparison/comparison.ts";
import { analysed, planned, six } from "../../support/small-table.ts";

const rows = ["r", "q"].map((row) => ({ ...planned, row }));
const records = rows.flatMap(({ row }, i) =>
  six.map((record) =>
    record.status === "completed" && record.side === "b"
      ? { ...record, row, real_s: record.real_s * (1 + i) }
      : { ...record, row },
  ),
);
const pairing = { sides: ["a", "b"], rows, warmup: () => 0 };
const runs = rowRuns(records, pairing);
const compared = await analysed(records, { rows });

/** `comparison` with `change` done to it, which may write. */
function changed(change: (comparison: { -readonly [K in keyof Comparison]: any }) => void): Comparison {
  const copy = structuredClone(compared);
  change(copy);
  return copy;
}

test("finds nothing in a comparison as it was made", () => {
  expect(compared.geomeans.map(({ suite }) => suite)).toContain("s");
  expect(recomputeCells(compared, runs)).toEqual([]);
});

describe("names", () => {
  test.each<[string, Comparison, RegExp]>([
    [
      "a time",
      changed(({ rows }) => (rows[0].cells.a.real.time_s *= 1.001)),
      /^s\/r\/i on a, real: expected 2.* s, found 2/,
    ],
    [
      "a count of runs",
      changed(({ rows }) => (rows[1].cells.b.cpu.of -= 1)),
      /^s\/q\/i on b, cpu: expected 24 runs, found 23$/,
    ],
    [
      "a cell taken out",
      changed(({ rows }) => delete rows[0].cells.b),
      /^s\/r\/i on b, real: expected a cell, found none$/,
    ],
    [
      "a speedup",
      changed(({ rows }) => (rows[1].speedups.b.cpu.value = 3)),
      /^s\/q\/i, cpu speedup of b: expected .*, found 3$/,
    ],
    [
      "an interval beside its value",
      changed(({ rows }) => (rows[0].speedups.b.real.lo = 2.5)),
      /^s\/r\/i, real speedup of b: expected 2\.5 to .* to hold/,
    ],
    [
      "a mean",
      changed(({ geomeans }) => (geomeans[0].speedups.b.real.value *= 1.01)),
      /^s, real geomean of b: expected 1\.4\d*, found 1\.4/,
    ],
    [
      "a row too much in a mean",
      changed(({ geomeans }) => (geomeans[0].speedups.b.cpu.count = 3)),
      /^s, cpu geomean of b: expected 2 rows, found 3$/,
    ],
    [
      "a mean's range",
      changed(({ geomeans }) => (geomeans[0].speedups.b.real.leave_one_out = [1.2, 1.3])),
      /^s, real geomean of b: expected .* with one row left out, found 1\.2 to 1\.3$/,
    ],
  ])("%s", (_, comparison, said) => {
    expect(recomputeCells(comparison, runs).join("\n")).toMatch(new RegExp(said.source, "m"));
  });
});
