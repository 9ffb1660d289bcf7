// The comparison of two sides over several tests, from bare times: the method by itself, for whoever has times already.

import type { Scope, SpeedupResult, Verdict } from "../comparison/comparison.ts";
import type { MachineRuns } from "../comparison/kept-runs.ts";
import { evaluateTest, type SpeedupTest } from "./test-result.ts";
import { suiteMean } from "../comparison/suite-geomean.ts";
import { countOf, testNotes } from "./test-notes.ts";
import { type JudgedTest, judgeTable } from "../comparison/verdict.ts";

/** Each inner list is one machine's runs after warm-up, in order and in seconds; null: a run that is not kept. */
export type MachineTimes = readonly (readonly (number | null)[])[];

export interface CompareTestsInput {
  /** One metric's tests of one pair of sides. The n-th machine and its n-th run are the same in every test. */
  readonly tests: readonly {
    readonly name: string;
    readonly baseline: MachineTimes;
    readonly contender: MachineTimes;
  }[];
  /** Of the clock that the times are from; 0, or absent: not known. */
  readonly resolution_s?: number;
  /** Whether machines share hardware, so that no claim on a type can be made. */
  readonly sharedHost?: boolean;
}

export interface CompareTestsResult {
  /** `type` only if every test's is. */
  readonly scope: Scope;
  readonly tests: readonly TestCompared[];
  /** Over the tests with an interval; null where none has one. */
  readonly geomean: { readonly speedup: number; readonly lo: number | null; readonly hi: number | null } | null;
}

/** One test: baseline time over contender time, with its 95 % interval and what may be said of it. */
export interface TestCompared {
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
 * What `tests` say of the contender's speed against the baseline's (the method: docs/statistics.md).
 *
 * @throws RangeError naming test, side, machine and run of a time that is negative or not finite.
 */
export async function compareTests(input: CompareTestsInput): Promise<CompareTestsResult> {
  const { tests, resolution_s = 0, sharedHost = false } = input;
  if (!isTime(resolution_s)) throw new RangeError(`resolution_s: expected seconds, 0 or more, got ${resolution_s}`);
  const judged = await judgeTests(
    tests.map((test) => checkedTest(test, resolution_s)),
    sharedHost,
  );
  const geomean = await suiteMean(judged);
  return {
    scope: judged.length > 0 && judged.every(({ scope }) => scope === "type") ? "type" : "machines",
    tests: judged.map((test) => testCompared(test, sharedHost)),
    geomean: geomean && { speedup: Math.exp(geomean.d), ...speedupInterval(geomean) },
  };
}

/** Measures and judges all tests of one pair of sides and one metric. */
export async function judgeTests(tests: readonly SpeedupTest[], sharedHost: boolean): Promise<JudgedTest[]> {
  return judgeTable(await Promise.all(tests.map((test) => evaluateTest(test, sharedHost))));
}

/** `test` as a report shows it. */
export function speedupOf(test: JudgedTest, sharedHost: boolean): SpeedupResult {
  const { d, p, p_adjusted, verdict, scope } = test;
  const notes = testNotes(test, sharedHost);
  return { value: d === null ? null : Math.exp(d), ...speedupInterval(test), p, p_adjusted, verdict, scope, notes };
}

/** The ends of an interval; null, both, where there is none. */
export function speedupInterval({ d, reach }: Pick<JudgedTest, "d" | "reach">): {
  lo: number | null;
  hi: number | null;
} {
  if (d === null || reach === null) return { lo: null, hi: null };
  return { lo: Math.exp(d - reach.down), hi: Math.exp(d + reach.up) };
}

function testCompared(test: JudgedTest, sharedHost: boolean): TestCompared {
  const { value, notes, ...shown } = speedupOf(test, sharedHost);
  const { name, baseline, contender } = test;
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

function checkedSide(side: MachineTimes, where: string): MachineRuns[] {
  return side.map((runs, index) => {
    for (const [round, time_s] of runs.entries()) {
      if (time_s === null || isTime(time_s)) continue;
      throw new RangeError(
        `${where}: machine ${index + 1}: run ${round + 1}: expected seconds, 0 or more, or null, got ${time_s}`,
      );
    }
    return { machine: String(index), runs: runs.map((time_s, round) => ({ round, time_s })) };
  });
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
