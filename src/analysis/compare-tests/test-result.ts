// Evaluates one test by itself: speedup, scope and interval from its kept runs (docs/statistics.md, "Interval").

import { isTooShort, widenByFixedCost, widenByResolution } from "../comparison/clock-resolution.ts";
import type { Scope } from "../comparison/comparison.ts";
import type { KeptMachine, KeptSide } from "../comparison/kept-runs.ts";
import { machinesInterval } from "../statistics/machines-interval.ts";
import { leastForInterval } from "../statistics/median-interval.ts";
import { logSpeedup, type LogInterval } from "../statistics/log-interval.ts";
import { simultaneousInterval } from "../statistics/simultaneous.ts";
import { loadStudent } from "../statistics/student.ts";
import { typeInterval } from "../statistics/type-interval.ts";

/** The runs of one row and metric on two sides. */
export interface SpeedupTest {
  readonly name: string;
  readonly baseline: KeptSide;
  readonly contender: KeptSide;
  /** Resolution of the clock; 0: not known. */
  readonly resolution_s: number;
  /** Seconds that the capture adds to each time of a side; absent: none. */
  readonly fixed_s?: { readonly baseline: number; readonly contender: number };
}

export interface TestResult {
  readonly name: string;
  readonly baseline: KeptSide;
  readonly contender: KeptSide;
  readonly resolution_s: number;
  /** Scope of the interval; `machines` where there is no interval. */
  readonly scope: Scope;
  /** Why there is no speedup; null where there is one. */
  readonly failure: "failed" | "too-short" | null;
  /** Log of the speedup; null where there is none. */
  readonly d: number | null;
  /** Null where no interval can be made. */
  readonly interval: LogInterval | null;
  /** Number of looks that could have ended the run, for which the interval allows; absent: one. */
  readonly looks?: number;
}

/**
 * Evaluates `test` by itself. `sharedHost`: machines share hardware, so they are no sample of a type. `looks`: how many
 * looks at the verdict could have ended the run. The interval then holds at all of them together.
 */
export async function evaluateTest(test: SpeedupTest, sharedHost: boolean, looks = 1): Promise<TestResult> {
  const { baseline, contender } = test;
  const both = [...baseline.machines, ...contender.machines];
  const scope = scopeOf(baseline.machines, contender.machines, sharedHost);
  const about = {
    looks,
    name: test.name,
    baseline,
    contender,
    resolution_s: test.resolution_s,
    scope: scope ?? "machines",
  };
  if (baseline.machines.length === 0 || contender.machines.length === 0) {
    return { ...about, failure: "failed", d: null, interval: null };
  }
  if (isTooShort(both, test.resolution_s)) return { ...about, failure: "too-short", d: null, interval: null };
  const medians = { baseline_s: mediansOf(baseline), contender_s: mediansOf(contender) };
  const d = logSpeedup(medians.baseline_s, medians.contender_s);
  if (scope === undefined) return { ...about, failure: null, d, interval: null };
  const seen = simultaneousInterval(await intervalOf(scope, baseline, contender), looks, await loadStudent());
  const interval = widenByResolution(seen, d, medians, test.resolution_s);
  // Machines of a type never agree to the last digit. Times that do agree say nothing about the type's other machines.
  if (scope === "type" && d !== 0 && interval.down === 0 && interval.up === 0)
    return { ...about, failure: null, d, interval: null };
  return { ...about, failure: null, d, interval: widenByFixedCost(interval, d, medians, test.fixed_s) };
}

/** Returns the scope of a claim (docs/statistics.md, "Scope"); undefined: not enough runs for an interval. */
function scopeOf(
  baseline: readonly KeptMachine[],
  contender: readonly KeptMachine[],
  sharedHost: boolean,
): Scope | undefined {
  if (!sharedHost && baseline.length >= 2 && contender.length >= 2) return "type";
  const enough = [...baseline, ...contender].every(({ times_s }) => times_s.length >= leastForInterval);
  return enough && baseline.length > 0 && contender.length > 0 ? "machines" : undefined;
}

async function intervalOf(scope: Scope, baseline: KeptSide, contender: KeptSide): Promise<LogInterval> {
  const student = await loadStudent();
  if (scope === "type") return typeInterval(logMedians(baseline), logMedians(contender), student);
  const interval = machinesInterval(timesOf(baseline), timesOf(contender));
  if (interval === undefined) throw new Error("an interval of machines with too few runs");
  return interval;
}

function mediansOf({ machines }: KeptSide): number[] {
  return machines.map(({ median_s }) => median_s);
}

function logMedians(side: KeptSide): number[] {
  return mediansOf(side).map(Math.log);
}

function timesOf({ machines }: KeptSide): Float64Array[] {
  return machines.map(({ times_s }) => times_s);
}
