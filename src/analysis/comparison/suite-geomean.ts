// The geometric mean of a suite's speedups (docs/statistics.md, "Geometric mean"): a claim about this suite, not about
// workloads in general.

import type { Scope } from "./comparison.ts";
import type { KeptMachine } from "./kept-runs.ts";
import type { TestResult } from "../compare-tests/test-result.ts";
import { machinesInterval } from "../statistics/machines-interval.ts";
import { type LogInterval, snapToZero } from "../statistics/log-interval.ts";
import { geometricMean, mean, rootOfSquares } from "../statistics/samples.ts";
import { simultaneousInterval } from "../statistics/simultaneous.ts";
import { loadStudent } from "../statistics/student.ts";
import { typeInterval } from "../statistics/type-interval.ts";

export interface SuiteMean {
  /** Log of the geometric mean. */
  readonly d: number;
  /** Null where no interval can be made. */
  readonly interval: LogInterval | null;
  readonly scope: Scope;
  /** The log speedups that the mean is over. */
  readonly ds: readonly number[];
}

/** A test with a speedup and an interval: the mean is over these. */
type WholeTest = TestResult & { readonly d: number; readonly interval: LogInterval };
type SideName = "baseline" | "contender";

/** Returns the geometric mean over those of `tests` that have an interval; null where no test has one. */
export async function suiteMean(tests: readonly TestResult[]): Promise<SuiteMean | null> {
  const whole = tests.filter((test): test is WholeTest => test.d !== null && test.interval !== null);
  if (whole.length === 0) return null;
  const ds = whole.map(({ d }) => d);
  const about = { d: snapToZero(mean(ds)), ds };
  if (whole.every(({ scope }) => scope === "type") && onSameMachines(whole)) {
    return { ...about, scope: "type", interval: await allowingForLooks(await intervalOfScores(whole), whole) };
  }
  return { ...about, scope: "machines", interval: await intervalOfRounds(whole) };
}

function onSameMachines(tests: readonly WholeTest[]): boolean {
  const used = (test: WholeTest) => JSON.stringify([names(test.baseline.machines), names(test.contender.machines)]);
  return new Set(tests.map(used)).size === 1;
}

function names(machines: readonly KeptMachine[]): string[] {
  return machines.map(({ machine }) => machine).toSorted();
}

/** Applies Welch's method to the machines' scores: the mean of a machine's log medians over the tests. */
async function intervalOfScores(tests: readonly WholeTest[]): Promise<LogInterval> {
  const scores = (side: SideName) =>
    commonMachines(tests, side).map((parts) => mean(parts.map(({ median_s }) => Math.log(median_s))));
  return typeInterval(scores("baseline"), scores("contender"), await loadStudent());
}

/**
 * Returns the wider of two intervals: that of the tests' intervals taken as independent, and that of the rounds'
 * scores.
 */
async function intervalOfRounds(tests: readonly WholeTest[]): Promise<LogInterval | null> {
  const scores = (side: SideName) => commonMachines(tests, side).map(roundScores);
  const seen = machinesInterval(scores("baseline"), scores("contender"));
  if (seen === undefined) return null;
  const rounds = await allowingForLooks(seen, tests);
  return {
    down: Math.max(rootOfSquares(tests.map(({ interval }) => interval.down)) / tests.length, rounds.down),
    up: Math.max(rootOfSquares(tests.map(({ interval }) => interval.up)) / tests.length, rounds.up),
    nu: rounds.nu,
  };
}

/** Widens an interval of scores as those of the tests are widened: for the looks that could have ended the run. */
async function allowingForLooks(interval: LogInterval, tests: readonly WholeTest[]): Promise<LogInterval> {
  return simultaneousInterval(interval, tests[0]?.looks ?? 1, await loadStudent());
}

/** Returns, for each machine that every test used, its kept runs in each test. */
function commonMachines(tests: readonly WholeTest[], side: SideName): KeptMachine[][] {
  const parts = (machine: string) =>
    tests.flatMap((test) => test[side].machines.filter((used) => used.machine === machine));
  const first = tests[0]?.[side].machines ?? [];
  return first.map(({ machine }) => parts(machine)).filter((found) => found.length === tests.length);
}

/** Returns the geometric mean of a machine's times in each round where all tests were kept, in seconds. */
export function roundScores(parts: readonly KeptMachine[]): number[] {
  const byRound = parts.map(
    ({ rounds, times_s }) => new Map(Array.from(rounds, (round, i) => [round, times_s[i] as number])),
  );
  const [first = new Map<number, number>(), ...others] = byRound;
  return [...first.keys()]
    .filter((round) => others.every((times) => times.has(round)))
    .map((round) => geometricMean(byRound.map((times) => times.get(round) as number)));
}
