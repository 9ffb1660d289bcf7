// A table of two sides, small enough to be worked out by hand.

import { expect } from "vitest";
import { analyse, type AnalyseOptions } from "../../src/analysis/comparison/analyse.ts";
import type { ComparedRow, Comparison } from "../../src/analysis/comparison/comparison.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import { series } from "./records.ts";

/** The one row that is planned unless a test says otherwise. */
export const planned = { suite: "s", row: "r", impl: "i" };

export const analysed = (records: readonly TrialRecord[], options: Partial<AnalyseOptions> = {}): Promise<Comparison> =>
  analyse(records, { sides: ["a", "b"], baseline: "a", rows: [planned], warmup: () => 0, ...options });

export const onlyRow = async (
  records: readonly TrialRecord[],
  options: Partial<AnalyseOptions> = {},
): Promise<ComparedRow> => {
  const { rows } = await analysed(records, options);
  expect(rows.length).toBe(1);
  return rows[0] as ComparedRow;
};

export const [slow, fast]: readonly [number[], number[]] = [
  [2, 2.02, 1.98, 2.01, 1.99, 2.03, 1.97, 2.04],
  [1, 1.02, 0.98, 1.01, 0.99, 1.03, 0.97, 1.04],
];
export const a = series(slow);
export const b = series(fast, { side: "b", machine: "b-1" });

/** Three machines a side, each on its own host; `b` twice as fast as `a`. */
export const six = ["1", "2", "3"].flatMap((n, i) => [
  ...series(
    slow.map((time) => time * (1 + i / 1000)),
    { machine: `a-${n}` },
  ),
  ...series(
    fast.map((time) => time * (1 + i / 500)),
    { side: "b", machine: `b-${n}` },
  ),
]);
