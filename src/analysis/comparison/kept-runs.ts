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
  readonly rounds: readonly number[];
  /** By the same index as `rounds`. */
  readonly times_s: readonly number[];
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
export function keptOf({ machine, rounds, times_s }: MachineRuns): KeptOf {
  const [keptRounds, kept_s]: [number[], number[]] = [[], []];
  for (let i = 0; i < times_s.length; i++) {
    const time_s = times_s[i] as number;
    if (Number.isNaN(time_s)) continue;
    keptRounds.push(rounds[i] as number);
    kept_s.push(time_s);
  }
  if (kept_s.length === 0) return { name: machine, of: times_s.length, machine: undefined };
  // Sorted once for all that need them so.
  const ascending_s = ascending(kept_s);
  return {
    name: machine,
    of: times_s.length,
    machine: { machine, rounds: keptRounds, times_s: kept_s, ascending_s, median_s: middleOf(ascending_s) },
  };
}

function counts({ of, machine }: KeptOf): boolean {
  const good = machine?.times_s.length ?? 0;
  return good > 0 && of - good <= of / 2;
}
