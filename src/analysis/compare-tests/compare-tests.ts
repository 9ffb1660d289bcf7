// Compares two sides over several tests from their times alone, for users who have times from elsewhere.

import type { Scope, SpeedupResult, Verdict } from "../comparison/comparison.ts";
import { type KeptSide, keptSide } from "../comparison/kept-runs.ts";
import { evaluateTest, type SpeedupTest } from "./test-result.ts";
import { suiteMean } from "../comparison/suite-geomean.ts";
import { countOf, testNotes } from "./test-notes.ts";
import { type JudgedTest, judgeTable } from "../comparison/verdict.ts";

/**
 * Times of a side. Each inner list is one machine's runs after warm-up, in order and in seconds; null: a run that is
 * not kept. Typed arrays of numbers are accepted as lists.
 */
export type MachineTimes = readonly (readonly (number | null)[] | Float64Array | Float32Array)[];

/** Times of tests on two sides. Seconds. */
export interface CompareTestsInput {
  /** One metric's tests of one pair of sides. The n-th machine and its n-th run are the same in every test. */
  readonly tests: readonly {
    readonly name: string;
    readonly baseline: MachineTimes;
    readonly contender: MachineTimes;
  }[];
  /** Resolution of the clock that measured the times; 0 or absent: not known. */
  readonly resolution_s?: number;
  /** Whether machines share hardware, so that no claim on a type can be made. */
  readonly sharedHost?: boolean;
}

/** The comparison of two sides: speedups with their 95 % intervals. */
export interface CompareTestsResult {
  /** `type` only if every test has that scope. */
  readonly scope: Scope;
  readonly tests: readonly TestComparison[];
  /** Geometric mean over the tests with an interval; null where no test has one. */
  readonly geomean: { readonly speedup: number; readonly lo: number | null; readonly hi: number | null } | null;
}

/** One compared test: baseline time over contender time, with its 95 % interval and its verdict. */
export interface TestComparison {
  readonly name: string;
  readonly scope: Scope;
  /** Null where the verdict is `failed` or `too-short`. */
  readonly speedup: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly p: number | null;
  readonly p_adjusted: number | null;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
  /** Kept runs on the machines that count. */
  readonly kept: { readonly baseline: number; readonly contender: number };
  readonly failed_runs: number;
}

/**
 * Compares the contender's times with the baseline's (the method: docs/statistics.md).
 *
 * @throws RangeError where a time is negative or not finite, or runs are not a list; it names test, side, machine and run.
 * Also where a speedup or its interval is beyond what a number can hold; it names the test.
 * @example
 * import { compareTests } from "timetrial";
 *
 * const { tests } = await compareTests({
 *   tests: [
 *     {
 *       name: "sha512",
 *       baseline: [[2.87, 2.88, 2.86, 2.87, 2.87, 2.89]],
 *       contender: [[1.03, 1.03, 1.02, 1.04, 1.03, 1.03]],
 *     },
 *   ],
 *   resolution_s: 1e-6,
 * });
 * console.log(tests[0]?.verdict, tests[0]?.speedup, tests[0]?.lo, tests[0]?.hi);
 */
export async function compareTests(input: CompareTestsInput): Promise<CompareTestsResult> {
  const { tests, resolution_s = 0, sharedHost = false } = input;
  if (!isTime(resolution_s)) throw new RangeError(`resolution_s: expected seconds, 0 or more, got ${resolution_s}`);
  const judged = await judgeTests(
    tests.map((test) => checkedTest(test, resolution_s)),
    sharedHost,
  );
  const compared = judged.map((test) => testCompared(test, sharedHost));
  const geomean = await suiteMean(judged);
  if (geomean !== null) checkFinite("the geometric mean", Math.exp(geomean.d), speedupInterval(geomean));
  return {
    scope: judged.length > 0 && judged.every(({ scope }) => scope === "type") ? "type" : "machines",
    tests: compared,
    geomean: geomean && { speedup: Math.exp(geomean.d), ...speedupInterval(geomean) },
  };
}

/** Measures and judges all tests of one pair of sides and one metric. */
export async function judgeTests(tests: readonly SpeedupTest[], sharedHost: boolean, looks = 1): Promise<JudgedTest[]> {
  return judgeTable(await Promise.all(tests.map((test) => evaluateTest(test, sharedHost, looks))));
}

/** Converts `test` to the result that a report shows. */
export function speedupOf(test: JudgedTest, sharedHost: boolean): SpeedupResult {
  const { d, p, p_adjusted, verdict, scope } = test;
  const notes = testNotes(test, sharedHost);
  return { value: d === null ? null : Math.exp(d), ...speedupInterval(test), p, p_adjusted, verdict, scope, notes };
}

/** Returns the ends of the speedup's interval; both null where there is none. */
export function speedupInterval({ d, interval }: Pick<JudgedTest, "d" | "interval">): {
  lo: number | null;
  hi: number | null;
} {
  if (d === null || interval === null) return { lo: null, hi: null };
  return { lo: Math.exp(d - interval.down), hi: Math.exp(d + interval.up) };
}

function testCompared(test: JudgedTest, sharedHost: boolean): TestComparison {
  const { value, notes, ...shown } = speedupOf(test, sharedHost);
  const { name, baseline, contender } = test;
  checkFinite(`test ${JSON.stringify(name)}`, value, shown);
  const failed = baseline.failed + contender.failed;
  const kept = (side: JudgedTest["baseline"]) => side.machines.reduce((sum, { times_s }) => sum + times_s.length, 0);
  return {
    name,
    speedup: value,
    ...shown,
    notes: failed > 0 ? [`${countOf(failed, "run")} left out`, ...notes] : notes,
    kept: { baseline: kept(baseline), contender: kept(contender) },
    failed_runs: failed,
  };
}

function checkedTest(
  { name, baseline, contender }: CompareTestsInput["tests"][number],
  resolution_s: number,
): SpeedupTest {
  return {
    name,
    baseline: checkedSide(baseline, `test ${JSON.stringify(name)}: baseline`),
    contender: checkedSide(contender, `test ${JSON.stringify(name)}: contender`),
    resolution_s,
  };
}

/** @throws RangeError where a ratio is beyond what a number can hold. */
function checkFinite(what: string, value: number | null, { lo, hi }: { lo: number | null; hi: number | null }): void {
  if ([value, lo, hi].every((each) => each === null || (Number.isFinite(each) && each > 0))) return;
  throw new RangeError(`${what}: baseline over contender, or its interval, is beyond what a number can hold`);
}

function checkedSide(side: MachineTimes, where: string): KeptSide {
  if (!Array.isArray(side)) throw new RangeError(`${where}: expected a list of machines, each a list of its runs`);
  const machines = (side as MachineTimes).map((given, index) => {
    if (!Array.isArray(given) && !(ArrayBuffer.isView(given) && "length" in given))
      throw new RangeError(
        `${where}: machine ${index + 1}: expected a list of its runs, got ${String(given)}: the runs of one machine are [[...]]`,
      );
    const runs = Array.from(given);
    for (const [round, time_s] of runs.entries()) {
      if (time_s === null || isTime(time_s)) continue;
      throw new RangeError(
        `${where}: machine ${index + 1}: run ${round + 1}: expected seconds, 0 or more, or null, got ${time_s}`,
      );
    }
    const times_s = runs.map((time_s) => time_s ?? Number.NaN);
    return { machine: String(index), rounds: Array.from(runs.keys()), times_s };
  });
  return keptSide(machines);
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
