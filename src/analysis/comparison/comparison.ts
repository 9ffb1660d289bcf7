// What a comparison says: the plain data that every form of report prints, and that `--format json` holds.
//
// A number that was not measured, or cannot be claimed, is null, and a field beside it says why.

import type { Bottleneck } from "./bottleneck.ts";

/** Real time, or CPU time (user + system). */
export type Metric = "real" | "cpu";

/** What a speedup is a claim on: the machines that ran, or their types. */
export type Scope = "machines" | "type";

/** `none`: no difference shown, which is not "the same". */
export type Verdict = "faster" | "slower" | "none" | "no-interval" | "too-short" | "failed";

/** What is known of every row, for every side against the baseline: numbers alone, no text of a table. */
export interface Comparison {
  readonly schema: 1;
  /** The side that the others are measured against. */
  readonly baseline: string;
  /** All sides in the order of the table, the baseline among them. */
  readonly sides: readonly string[];
  /** By side: the machines that have a record, by name. */
  readonly machines: Readonly<Record<string, readonly string[]>>;
  /** In planned order. A row whose driver or work differs between machines is several rows. */
  readonly rows: readonly ComparedRow[];
  /**
   * One for each suite, in order; where there are several, one over all of them, its `suite` null; where some rows wait
   * or may wait, a last one over those of all suites that do not: `suite` null, `rows` "cpu-bound".
   */
  readonly geomeans: readonly SuiteGeomean[];
  /** Runs after warm-up, of the whole table. */
  readonly left_out: ExcludedRuns;
  /** Caveats on the table as a whole. */
  readonly notes: readonly string[];
}

/** One row of a comparison: a cell for each side, a speedup for each side but the baseline. */
export interface ComparedRow {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly driver: string;
  /** As written: `ncpu`, not 32. */
  readonly params: Readonly<Record<string, string>>;
  /** The steps' own description of the work; null where they gave none. */
  readonly work_id: string | null;
  /** By side, every side. */
  readonly cells: Readonly<Record<string, Readonly<Record<Metric, CellResult>>>>;
  /** By side, every side but the baseline. */
  readonly speedups: Readonly<Record<string, Readonly<Record<Metric, SpeedupResult>>>>;
  /** By side: CPU time over real time; null where one of them is not known. */
  readonly cores_busy: Readonly<Record<string, number | null>>;
  /** By side: where the time went; null where it is not known. */
  readonly bound: Readonly<Record<string, Bottleneck | null>>;
  /** Caveats on the row, whatever the metric. */
  readonly notes: readonly string[];
}

/**
 * How a cell is to be read. `ok`: its time stands. `few`: it stands, but fewer than half of the runs were kept.
 * `short`: under ten ticks of its clock, no time. The others name the commonest reason why no run was kept.
 */
export type CellStatus = "ok" | "few" | "short" | "fail" | "t/o" | "tainted" | "not-run";

/** One side of one row. `kept` and the counts of `reasons` add up to `of`. */
export interface CellResult {
  /** Geometric mean of the medians of `machines`; null where `status` is neither `ok` nor `few`. */
  readonly time_s: number | null;
  /** Runs that the time rests on. */
  readonly kept: number;
  /** Runs after warm-up, whatever became of them. */
  readonly of: number;
  readonly status: CellStatus;
  /** Runs left out, by reason. */
  readonly reasons: Reasons;
  /** The machines that the time rests on. */
  readonly machines: readonly MachineTime[];
}

/** One machine's median, with its own 95 % interval from 6 kept runs on. */
export interface MachineTime {
  readonly machine: string;
  readonly median_s: number;
  readonly lo_s: number | null;
  readonly hi_s: number | null;
  readonly kept: number;
}

/**
 * Counts of runs by why they were left out: `failed`, `check-failed`, `unchecked`, `timed-out`, `not-run`, a taint
 * (`steal`, `swap`, `orphans`, `others-cpu`, `digests-differ`, …), or `mostly-failed`: sound, but on a machine that was left out.
 */
export type Reasons = Readonly<Record<string, number>>;

/** Baseline time over contender time: above 1, the contender is faster. */
export interface SpeedupResult {
  /** Null where `verdict` is `too-short` or `failed`. */
  readonly value: number | null;
  /** Ends of the 95 % interval; null, both, where none can be given. */
  readonly lo: number | null;
  readonly hi: number | null;
  readonly p: number | null;
  /** After Benjamini and Hochberg, over the table's tests of this side and metric. */
  readonly p_adjusted: number | null;
  readonly verdict: Verdict;
  readonly scope: Scope;
  readonly notes: readonly string[];
}

/** The geometric mean of a suite's speedups, by contender and metric. */
export interface SuiteGeomean {
  /** Null: over all suites. */
  readonly suite: string | null;
  /** Absent: over all rows. */
  readonly rows?: "cpu-bound";
  /** By side, every side but the baseline; null where no row has an interval. */
  readonly speedups: Readonly<Record<string, Readonly<Record<Metric, Geomean | null>>>>;
}

/** Geometric mean of the speedups of `count` rows: a claim on these rows, not on workloads at large. */
export interface Geomean {
  readonly value: number;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly scope: Scope;
  /** Rows that it is over, */
  readonly count: number;
  /** of so many that ran on both sides. */
  readonly of: number;
  /** Least and greatest value with one row left out; null where it is over one row. */
  readonly leave_one_out: readonly [lo: number, hi: number] | null;
  /** Whether leaving one row out moves the value across 1. */
  readonly decided_by_one_row: boolean;
}

/** Runs after warm-up that do not count, of how many, and why. */
export interface ExcludedRuns {
  readonly runs: number;
  readonly of: number;
  readonly reasons: Reasons;
}
