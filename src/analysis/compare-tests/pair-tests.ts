// Tests of all rows for one pair of sides and one metric. They are one table and judged together.

import type { Geomean, Metric, SpeedupResult } from "../comparison/comparison.ts";
import { speedupInterval, judgeTests, speedupOf } from "./compare-tests.ts";
import { countingSide } from "../comparison/kept-runs.ts";
import { coarsestClock, fixedCost, type MachineTrials, withMetric } from "../trials/machine-trials.ts";
import type { SpeedupTest } from "./test-result.ts";
import type { PairedRow } from "../comparison/paired-rows.ts";
import { ascending, mean } from "../statistics/samples.ts";
import { type SuiteMean, suiteMean } from "../comparison/suite-geomean.ts";
import type { JudgedTest } from "../comparison/verdict.ts";

/** Two sides that are compared. */
export interface SidePair {
  readonly baseline: string;
  readonly contender: string;
  /** Whether two of their machines share hardware. */
  readonly sharedHost: boolean;
  /** How many looks at a verdict could have ended the run; absent: none but the last. */
  readonly looks?: number;
}

/** The judged tests of a pair in one metric. */
export interface PairTests {
  readonly pair: SidePair;
  readonly metric: Metric;
  /** By row, only rows that both sides ran. */
  readonly judged: ReadonlyMap<PairedRow, JudgedTest>;
}

/** Evaluates and judges the tests of `pair` over the whole table. */
export async function pairTests(rows: readonly PairedRow[], pair: SidePair, metric: Metric): Promise<PairTests> {
  const matched = rows.filter((row) => matches(row, pair) && bothHaveMetric(row, pair, metric));
  const judged = await judgeTests(
    matched.map((row) => testOf(row, pair, metric)),
    pair.sharedHost,
    pair.looks,
  );
  return { pair, metric, judged: new Map(matched.map((row, i) => [row, judged[i] as JudgedTest])) };
}

function matches(row: PairedRow, { baseline, contender }: SidePair): boolean {
  return row.sides.has(baseline) && row.sides.has(contender);
}

/** Whether both sides have times of `metric`. False only where the time of a published side was not published. */
function bothHaveMetric(row: PairedRow, { baseline, contender }: SidePair, metric: Metric): boolean {
  return [baseline, contender].every((side) => withMetric(row.sides.get(side) ?? [], metric).length > 0);
}

function testOf(row: PairedRow, { baseline, contender }: SidePair, metric: Metric): SpeedupTest {
  const [b, c] = [baseline, contender].map((side) => withMetric(row.sides.get(side) ?? [], metric)) as [
    readonly MachineTrials[],
    readonly MachineTrials[],
  ];
  return {
    name: `${row.suite}/${row.row}/${row.impl}`,
    baseline: countingSide(b.map((machine) => machine.kept(metric))),
    contender: countingSide(c.map((machine) => machine.kept(metric))),
    resolution_s: Math.max(coarsestClock(b, metric), coarsestClock(c, metric)),
    fixed_s: { baseline: fixedCost(b, metric), contender: fixedCost(c, metric) },
  };
}

/** Returns the pair's speedup on `row`. */
export function speedupOn(row: PairedRow, { pair, judged }: PairTests): SpeedupResult {
  const test = judged.get(row);
  if (test !== undefined) return speedupOf(test, pair.sharedHost);
  if (row.sides.size === 0) return { ...unmatched, notes: ["not run"] };
  return matches(row, pair) ? { ...unmatched, notes: ["not published"] } : unmatched;
}

const unmatched: SpeedupResult = {
  value: null,
  lo: null,
  hi: null,
  p: null,
  p_adjusted: null,
  verdict: "failed",
  scope: "machines",
  notes: ["the sides have no such row with the same driver, parameters and work"],
};

/** Returns the log of the geometric mean over those of `rows` that have an interval; null where no row has one. */
export async function logMeanOver(rows: readonly PairedRow[], { judged }: PairTests): Promise<SuiteMean | null> {
  return await suiteMean(rows.flatMap((row) => judged.get(row) ?? []));
}

/** Returns the geometric mean over those of `rows` that have an interval; null where no row has one. */
export async function geomeanOver(rows: readonly PairedRow[], pair: PairTests): Promise<Geomean | null> {
  const found = await logMeanOver(rows, pair);
  if (found === null) return null;
  const tests = rows.flatMap((row) => pair.judged.get(row) ?? []);
  return {
    value: Math.exp(found.d),
    ...speedupInterval(found),
    scope: found.scope,
    count: found.ds.length,
    of: tests.length,
    ...withoutOne(found),
  };
}

/** Computes the range of the mean with one row left out, and whether a single row decides it. */
function withoutOne({ d, ds }: SuiteMean): Pick<Geomean, "leave_one_out" | "decided_by_one_row"> {
  if (ds.length < 2) return { leave_one_out: null, decided_by_one_row: false };
  const sorted = ascending(ds);
  const [least, most] = [mean(sorted.slice(0, -1)), mean(sorted.slice(1))];
  return {
    leave_one_out: [Math.exp(least), Math.exp(most)],
    decided_by_one_row: (d > 0 && least < 0) || (d < 0 && most > 0),
  };
}
