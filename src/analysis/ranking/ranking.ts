// A ranking as plain data: which side to take, in time and in money.

import type { Scope } from "../comparison/comparison.ts";
import type { CostPerJob } from "../notes/cost-per-job.ts";

/** What sides are ranked by: real time, CPU time, or the cost of a job, which is real time at the machine's price. */
export type RankBy = "real" | "cpu" | "cost";

/** The least number of sides that are ranked. */
export const leastRanked = 4;

/** Four sides or more, best first. */
export interface Ranking {
  readonly by: RankBy;
  /** The market whose prices the jobs have; absent where no price is known. */
  readonly market?: "on-demand" | "spot";
  /** Number of rows that the ranking is over: those that all ranked sides ran. */
  readonly rows: number;
  /** Number of rows of the table. */
  readonly of: number;
  /** Number of pairs of sides that were tested; their p values are adjusted for it. */
  readonly pairs: number;
  /** What the groups are claims about; null where no pair could be tested. `mixed`: it depends on the pair. */
  readonly scope: Scope | "mixed" | null;
  readonly sides: readonly RankedSide[];
  readonly unranked: readonly UnrankedSide[];
}

/** A side without a rank, and why it has none. */
export interface UnrankedSide {
  readonly side: string;
  readonly reason: "lacks-rows" | "no-price";
}

/** One side's place in a ranking. */
export interface RankedSide {
  /** From 1. */
  readonly rank: number;
  readonly side: string;
  /** Geometric mean of its times over the rows, in the metric of the ranking; real time with `cost`. Seconds. */
  readonly time_s: number;
  /**
   * Geometric mean of the speedups over the baseline, with its 95 % interval; both ends null where there is none, and
   * for the baseline, whose value is 1. `leave_one_out`: its range with one row left out.
   */
  readonly speedup: {
    readonly value: number;
    readonly lo: number | null;
    readonly hi: number | null;
    readonly leave_one_out: readonly [lo: number, hi: number] | null;
  };
  /**
   * Letters of the groups that the side is in: two sides without a common letter differ. Empty where the side has no
   * interval.
   */
  readonly groups: readonly string[];
  /** What a job of the mean real time costs; null where the side's price is not known. */
  readonly job: CostPerJob | null;
  /** Whether no other side is at least as good in real time and in money, and better in one; null without a price. */
  readonly unbeaten: boolean | null;
}
