// Selects the runs that count (docs/statistics.md, "Runs that count"), and counts those that do not.

import { median } from "../statistics/samples.ts";

/** One run of one test on one machine, after warm-up. `time_s` is null where the run is not kept. */
interface Run {
  /** The same for runs of different tests in one round on one machine. */
  readonly round: number;
  readonly time_s: number | null;
}

/** One machine's runs of one test, after warm-up, in run order. */
export interface MachineRuns {
  readonly machine: string;
  readonly runs: readonly Run[];
}

/** A machine that counts, with at least one kept run. */
export interface KeptMachine {
  readonly machine: string;
  readonly rounds: readonly number[];
  /** By the same index as `rounds`. */
  readonly times_s: readonly number[];
  readonly median_s: number;
}

export interface KeptSide {
  readonly machines: readonly KeptMachine[];
  /** Runs after warm-up that were not kept. */
  readonly failed: number;
  /** Machines that are left out: they have no runs, or more than half of them were not kept. */
  readonly leftOut: readonly string[];
}

/** Drops the first `warmup` runs by position, whether or not they failed. */
export function afterWarmUp<T>(runs: readonly T[], warmup: number): readonly T[] {
  return runs.slice(warmup);
}

/** Selects the machines of a side that count, with their kept runs. */
export function keptSide(side: readonly MachineRuns[]): KeptSide {
  return {
    machines: side.filter(counts).map(keptMachine),
    failed: side.reduce((sum, { runs }) => sum + runs.length - keptRunsOf(runs).length, 0),
    leftOut: side.filter((machine) => !counts(machine)).map(({ machine }) => machine),
  };
}

function counts({ runs }: MachineRuns): boolean {
  const good = keptRunsOf(runs).length;
  return good > 0 && runs.length - good <= runs.length / 2;
}

function keptMachine({ machine, runs }: MachineRuns): KeptMachine {
  const good = keptRunsOf(runs);
  const times_s = good.map((run) => run.time_s);
  return { machine, rounds: good.map((run) => run.round), times_s, median_s: median(times_s) };
}

function keptRunsOf(runs: readonly Run[]): (Run & { readonly time_s: number })[] {
  return runs.filter((run): run is Run & { readonly time_s: number } => run.time_s !== null);
}
