// Turns intervals into verdicts (docs/statistics.md, "Verdict"). A verdict allows for the number of tests.

import { benjaminiHochberg } from "../statistics/false-discovery.ts";
import type { Verdict } from "./comparison.ts";
import type { TestResult } from "../compare-tests/test-result.ts";
import { excludesOne, type LogInterval } from "../statistics/log-interval.ts";
import { loadStudent, type Student } from "../statistics/student.ts";

/** A test with its p value, its p value adjusted for the whole table, and its verdict. */
export interface JudgedTest extends TestResult {
  readonly p: number | null;
  readonly p_adjusted: number | null;
  readonly verdict: Verdict;
  /** Number of tests with an interval in the table. */
  readonly family: number;
}

/** Judges the tests of `table`: all tests of one pair of sides and one metric. */
export async function judgeTable(table: readonly TestResult[]): Promise<JudgedTest[]> {
  const sure = table.flatMap(({ d, interval }, index) =>
    d === null || interval === null ? [] : [{ d, interval, index }],
  );
  const student = sure.length === 0 ? undefined : await loadStudent();
  const ps = student === undefined ? [] : sure.map(({ d, interval }) => pValue(d, interval, student));
  const adjusted = benjaminiHochberg(ps);
  const family = sure.length;
  const judged: JudgedTest[] = table.map((test) => ({
    ...test,
    p: null,
    p_adjusted: null,
    verdict: test.failure ?? "no-interval",
    family,
  }));
  for (const [place, { d, interval, index }] of sure.entries()) {
    const [p, p_adjusted] = [ps[place] as number, adjusted[place] as number];
    judged[index] = { ...(judged[index] as JudgedTest), p, p_adjusted, verdict: verdictOn(d, interval, p_adjusted) };
  }
  return judged;
}

/** Returns the probability of a log speedup at least as far from 0 as `d` if there were no difference. */
export function pValue(d: number, { down, up, nu }: LogInterval, student: Student): number {
  if (d === 0) return 1;
  const towardsOne = d > 0 ? down : up;
  if (towardsOne === 0) return 0;
  return student.twoSidedP((student.quantile(nu) * Math.abs(d)) / towardsOne, nu);
}

function verdictOn(d: number, interval: LogInterval, p_adjusted: number): Verdict {
  if (p_adjusted > 0.05 || !excludesOne(d, interval)) return "none";
  return d > 0 ? "faster" : "slower";
}
