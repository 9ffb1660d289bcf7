// A comparison as plain data: what every form of report prints, and what `--format json` contains.
//
// A number that was not measured or cannot be claimed is null, and a field beside it says why.

import type { Bottleneck } from "./bottleneck.ts";

/** Real time, or CPU time (user + system). */
export type Metric = "real" | "cpu";

/** What a speedup is a claim about: the machines that ran, or their types. */
export type Scope = "machines" | "type";

/** The verdict on a speedup. `none`: no difference was shown, which does not mean that the sides are equal. */
export type Verdict = "faster" | "slower" | "none" | "no-interval" | "too-short" | "failed";

/** A comparison of all sides with the baseline over all rows: numbers, without the text of a table. */
export interface Comparison {
  readonly schema: 1;
  /** Name of the side that the others are compared with. */
  readonly baseline: string;
  /** All sides in the order of the table, including the baseline. */
  readonly sides: readonly string[];
  /** By side: the machines that have a record, by name. */
  readonly machines: Readonly<Record<string, readonly string[]>>;
  /** In planned order. A row whose driver or work differs between machines is split into several rows. */
  readonly rows: readonly ComparedRow[];
  /**
   * One for each suite, in order. With several suites, one more over all of them, with `suite` null. Where some rows
   * wait or may wait, a last one over the rows of all suites that do not, with `suite` null and `rows` "cpu-bound".
   */
  readonly geomeans: readonly SuiteGeomean[];
  /** What sides are ranked by; absent with fewer than four sides. */
  readonly scores?: Readonly<Record<Metric, ScoreTable>>;
  /** Excluded runs after warm-up, over the whole table. */
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
  /** Parameters as written: `ncpu`, not 32. */
  readonly params: Readonly<Record<string, string>>;
  /** Description of the work by the suite's steps; null where they gave none. */
  readonly work_id: string | null;
  /** By side, for every side. */
  readonly cells: Readonly<Record<string, Readonly<Record<Metric, CellResult>>>>;
  /** By side, for every side except the baseline. */
  readonly speedups: Readonly<Record<string, Readonly<Record<Metric, SpeedupResult>>>>;
  /** By side: CPU time over real time; null where one of them is not known. */
  readonly cores_busy: Readonly<Record<string, number | null>>;
  /** By side: what limited the row; null where it is not known. */
  readonly bound: Readonly<Record<string, Bottleneck | null>>;
  /** Caveats on the row, for both metrics. */
  readonly notes: readonly string[];
}

/**
 * Status of a cell. `ok`: the cell has a time. `few`: it has a time, but fewer than half of the runs were kept.
 * `short`: no time, since it is under ten ticks of the clock. The others name the commonest reason why no run was kept.
 */
export type CellStatus = "ok" | "few" | "short" | "fail" | "t/o" | "tainted" | "not-run";

/** One side of one row. `kept` and the counts of `reasons` add up to `of`. */
export interface CellResult {
  /** Geometric mean of the medians of `machines`; null where `status` is neither `ok` nor `few`. */
  readonly time_s: number | null;
  /** Number of runs that the time is computed from. */
  readonly kept: number;
  /** Number of runs after warm-up, kept or not. */
  readonly of: number;
  readonly status: CellStatus;
  /** Runs left out, by reason. */
  readonly reasons: Reasons;
  /** The machines that the time is computed from. */
  readonly machines: readonly MachineTime[];
}

/** One machine's median, with its 95 % interval from 6 kept runs on. */
export interface MachineTime {
  readonly machine: string;
  readonly median_s: number;
  readonly lo_s: number | null;
  readonly hi_s: number | null;
  readonly kept: number;
}

/**
 * Numbers of runs by the reason why they were left out: `failed`, `check-failed`, `unchecked`, `timed-out`, `not-run`,
 * a taint (`steal`, `swap`, `orphans`, `others-cpu`, `digests-differ`, …), or `mostly-failed`: a sound run on a machine
 * that was left out.
 */
export type Reasons = Readonly<Record<string, number>>;

/** Baseline time over contender time: above 1, the contender is faster. */
export interface SpeedupResult {
  /** Null where `verdict` is `too-short` or `failed`. */
  readonly value: number | null;
  /** Ends of the 95 % interval; both null where there is none. */
  readonly lo: number | null;
  readonly hi: number | null;
  readonly p: number | null;
  /** Adjusted by Benjamini and Hochberg over the table's tests of this side and metric. */
  readonly p_adjusted: number | null;
  readonly verdict: Verdict;
  readonly scope: Scope;
  readonly notes: readonly string[];
}

/** The geometric mean of a suite's speedups, by contender and metric. */
export interface SuiteGeomean {
  /** Name of the suite; null: over all suites. */
  readonly suite: string | null;
  /** `cpu-bound`: over CPU-bound rows only; absent: over all rows. */
  readonly rows?: "cpu-bound";
  /** By side, for every side except the baseline; null where no row has an interval. */
  readonly speedups: Readonly<Record<string, Readonly<Record<Metric, Geomean | null>>>>;
}

/** Geometric mean of the speedups of `count` rows: a claim about these rows, not about workloads in general. */
export interface Geomean {
  readonly value: number;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly scope: Scope;
  /** Number of rows with an interval, which the mean is over. */
  readonly count: number;
  /** Number of rows that ran on both sides. */
  readonly of: number;
  /** Least and greatest value with one row left out; null where the mean is over one row. */
  readonly leave_one_out: readonly [lo: number, hi: number] | null;
  /** Whether leaving one row out moves the value across 1. */
  readonly decided_by_one_row: boolean;
}

/** The time of each side over the rows that all ranked sides ran. */
export interface ScoreTable {
  /** The rows that the scores are over: their places in `rows` of the comparison, from 0. */
  readonly rows: readonly number[];
  /** By side; null where the side lacks more than half of the rows that the baseline ran, and so is not ranked. */
  readonly sides: Readonly<Record<string, SideScore | null>>;
}

/** Geometric means of one side's times over the rows of a `ScoreTable`. */
export interface SideScore {
  /** Over the side's cells. Seconds. */
  readonly time_s: number;
  /** Ends of the 95 % interval of `time_s` on these machines; both null where it is not needed, or there is none. */
  readonly lo_s: number | null;
  readonly hi_s: number | null;
  /** Rounds behind that interval: those of the machine with the fewest. */
  readonly rounds: number;
  /** Each machine's, where they are a sample of their type; else empty. */
  readonly machines: readonly { readonly machine: string; readonly time_s: number }[];
  /** How far half a tick of the clock moves `time_s`, on the scale of natural logs. */
  readonly half_tick: number;
  /** The speedup over the baseline; null for the baseline itself, and where not all of the rows have an interval. */
  readonly geomean: Geomean | null;
}

/** Runs after warm-up that do not count: their number, the number of all runs, and the reasons. */
export interface ExcludedRuns {
  readonly runs: number;
  readonly of: number;
  readonly reasons: Reasons;
}
