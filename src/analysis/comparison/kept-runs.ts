// Selects the runs that count (docs/statistics.md, "Runs that count"), and counts those that do not.

import { ascending, middleOf } from "../statistics/samples.ts";

/** One machine's runs of one test, after warm-up, in run order. */
export interface MachineRuns {
  readonly machine: string;
  /** The same for runs of different tests in one round on one machine. */
  readonly rounds: ArrayLike<number>;
  /** By the same index: NaN where the run is not kept. */
  readonly times_s: ArrayLike<number>;
}

/** A machine that counts, with at least one kept run. */
export interface KeptMachine {
  readonly machine: string;
  readonly rounds: ArrayLike<number>;
  /** By the same index as `rounds`. */
  readonly times_s: Float64Array;
  /** The same times, least first. */
  readonly ascending_s: ArrayLike<number>;
  readonly median_s: number;
}

export interface KeptSide {
  readonly machines: readonly KeptMachine[];
  /** Runs after warm-up that were not kept. */
  readonly failed: number;
  /** Machines that are left out: they have no runs, or more than half of them were not kept. */
  readonly leftOut: readonly string[];
}

/** What of a machine's runs is kept; no machine where nothing is. */
export interface KeptOf {
  readonly name: string;
  readonly of: number;
  readonly machine: KeptMachine | undefined;
}

/** Drops the first `warmup` runs by position, whether or not they failed. */
export function afterWarmUp(trials: Uint32Array, warmup: number): Uint32Array {
  return trials.subarray(warmup);
}

/** Selects the machines of a side that count, with their kept runs. */
export function keptSide(side: readonly MachineRuns[]): KeptSide {
  return countingSide(side.map(keptOf));
}

/** Selects the machines that count. */
export function countingSide(side: readonly KeptOf[]): KeptSide {
  return {
    machines: side.flatMap((one) => (counts(one) ? [one.machine as KeptMachine] : [])),
    failed: side.reduce((sum, { of, machine }) => sum + of - (machine?.times_s.length ?? 0), 0),
    leftOut: side.filter((one) => !counts(one)).map(({ name }) => name),
  };
}

/** Selects the kept runs of one machine. */
export function keptOf({ machine, rounds, times_s: given_s }: MachineRuns): KeptOf {
  const times_s = given_s instanceof Float64Array ? given_s : Float64Array.from(given_s);
  const of = times_s.length;
  const kept = times_s.includes(Number.NaN)
    ? {
        rounds: Array.from(rounds).filter((_, k) => !Number.isNaN(times_s[k])),
        times_s: times_s.filter((time_s) => !Number.isNaN(time_s)),
      }
    : { rounds, times_s };
  if (kept.times_s.length === 0) return { name: machine, of, machine: undefined };
  // Sorted once for all that need them so.
  const ascending_s = ascending(kept.times_s);
  return { name: machine, of, machine: { machine, ...kept, ascending_s, median_s: middleOf(ascending_s) } };
}

function counts({ of, machine }: KeptOf): boolean {
  const good = machine?.times_s.length ?? 0;
  return good > 0 && of - good <= of / 2;
}
