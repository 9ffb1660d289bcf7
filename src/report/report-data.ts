// The data of a report: the comparison, and what is known of the run around it.

import type { ComparedRow, Comparison, Metric, SpeedupResult } from "../analysis/comparison/comparison.ts";
import type { RankBy, Ranking } from "../analysis/ranking/ranking.ts";
import type { SpeedupFactors } from "../analysis/why/decompose.ts";
import type { GateResult } from "../analysis/gate/judge-gate.ts";
import type { FeatureDifference } from "../analysis/notes/cpu-features.ts";
import type { RowRuns } from "../analysis/comparison/row-runs.ts";
import type { Facts } from "../domain/run/machine.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { PublishedSide } from "../domain/published/figures.ts";
import type { RunCost } from "../domain/cost/run-cost.ts";
import type { StopReason } from "../domain/plan/stopping-rule.ts";
import type { Price } from "../domain/cost/price.ts";
import type { CostPerJob } from "../analysis/notes/cost-per-job.ts";

/** The data of a report: the comparison, and what is known of the runs around it. */
export interface ReportData {
  readonly comparison: Comparison;
  /** Set where the sides are commands, and the rows the machines that ran them. */
  readonly by?: "command";
  /** With commands: the one that took the least real time, compared with the others. */
  readonly fastest?: FastestCommand;
  readonly plan: Plan;
  readonly machines: readonly { readonly name: string; readonly side: string; readonly facts: Facts }[];
  /** For each row of the comparison: its runs, one by one. */
  readonly runs: readonly RowRuns[];
  /** For each row of the comparison: what explains a difference, by contender. */
  readonly explanations: readonly Readonly<Record<string, readonly FeatureDifference[]>>[];
  /** What did not run, and why: `portable-c: no C compiler`; each reason once. */
  readonly skipped: readonly string[];
  /**
   * The share of the machines' CPU time that other processes took while trials ran, 0 to 1; absent where no trial
   * counted it.
   */
  readonly others_share?: number;
  /** The result of the last look for machines; absent where the run launched nothing, or ended before that look. */
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  /** What the machines cost; absent where it is not known. */
  readonly spent?: RunCost;
  /** How many trials were not begun because of what they would have cost. */
  readonly unpaid?: number;
  /** How many trials were run after the planned rounds, in place of disturbed ones. */
  readonly repeated?: number;
  /** How many trials had been sent to a machine, begun or not, when the budget ended the run. */
  readonly cut?: number;
  /** How the rounds of each suite ended, where their number was not fixed. */
  readonly stopped?: readonly StopReason[];
  /** Whether the whole plan was carried out; absent where the run did not note it. */
  readonly finished?: boolean;
  /** What the rows cost, where prices are known. */
  readonly priced?: readonly CostBlock[];
  /** With four sides or more: which of them to take. Absent where no row ran on two of them. */
  readonly ranking?: Ranking;
  /** What sides were asked to be ranked by; absent: real time. */
  readonly rank?: RankBy;
  /** For each row of the comparison: the factors of its speedup in CPU time, by contender. Absent where not asked for. */
  readonly why?: readonly Readonly<Record<string, SpeedupFactors>>[];
  /** Whether the limits that the comparison is held to are kept; absent where there are none. */
  readonly gate?: GateResult;
  /** SHA-256 of the run's SHA256SUMS. */
  readonly sums?: string;
  /** Paths of files that were changed since the run was closed; absent where none were. */
  readonly changed?: readonly string[];
  /** Each of the runs, where the report shows several side by side, or none. */
  readonly sources?: readonly ReportRun[];
  /** What differs between the runs, one line each. */
  readonly differences?: readonly string[];
  /** Sides that are published figures. */
  readonly published?: readonly { readonly name: string; readonly figures: PublishedSide }[];
  /** Caveats that the sources of published figures require. */
  readonly remarks?: readonly ReportCaveat[];
}

/** The fastest of several commands on one machine, and by how much. */
export interface FastestCommand {
  readonly name: string;
  /** How many times as fast as each other command it is, in the order of the table. */
  readonly over: readonly (Pick<SpeedupResult, "lo" | "hi" | "verdict"> & {
    readonly name: string;
    readonly value: number;
  })[];
}

/** One run of several. */
export interface ReportRun {
  /** What distinguishes it from the other runs. */
  readonly tag: string;
  readonly plan: Plan;
  readonly absence?: ReportData["absence"];
  readonly spent?: RunCost;
  readonly stopped?: readonly StopReason[];
  readonly finished?: boolean;
  readonly sums?: string;
  readonly changed?: readonly string[];
}

/** Returns `sums 3f9a…` where no file was changed since. */
export function sumsText({ sums, changed = [] }: Pick<ReportRun, "sums" | "changed">): string {
  if (sums === undefined) return "not closed: no sums";
  if (changed.length === 0) return `sums ${sums.slice(0, 12)}`;
  const [first = ""] = changed;
  return `changed since it was closed: ${first}${changed.length === 1 ? "" : ` and ${changed.length - 1} more`}`;
}

/** A caveat on a row's times in one metric. */
export interface ReportCaveat {
  readonly row: ComparedRow;
  readonly metric: Metric;
  /** The side whose speedup it concerns; absent where it concerns a time alone. */
  readonly contender?: string;
  readonly text: string;
}

/** Returns whether a side of the report was measured: timetrial did not measure published figures. */
export function isMeasured({ published = [] }: ReportData, side: string): boolean {
  return !published.some(({ name }) => name === side);
}

/** Returns whether the report has a ranking: with four sides or more. */
export function isRanked(report: ReportData): report is ReportData & { readonly ranking: Ranking } {
  return report.ranking !== undefined;
}

/** Returns the title of `row`, which is shown in place of its name. Undefined where the plan gives it none. */
export function rowTitle({ plan }: ReportData, row: Pick<ComparedRow, "suite" | "row" | "impl">): string | undefined {
  const rows = plan.suites.find(({ name }) => name === row.suite)?.rows ?? [];
  return rows.find(({ name, impl }) => name === row.row && impl === row.impl)?.title;
}

/** Returns the sides except the baseline, in order. */
export function contenders({ comparison }: ReportData): string[] {
  return comparison.sides.filter((side) => side !== comparison.baseline);
}

/** Returns the value that all of `values` have. Undefined where they differ or there is none. */
export function commonValue<T>(values: readonly T[]): T | undefined {
  return new Set(values).size === 1 ? values[0] : undefined;
}

/** What one job of a row costs by side, and how many jobs of a contender one job of the baseline pays for. */
export interface RowCost {
  readonly label: string;
  /** By side, for the sides that have a price. */
  readonly jobs: Readonly<Record<string, CostPerJob | null>>;
  /** By contender: how many of its jobs the cost of one of the baseline's jobs pays for. */
  readonly worth: Readonly<
    Record<string, { readonly value: number | null; readonly lo: number | null; readonly hi: number | null }>
  >;
}

/** What a job costs in each row, at the prices of one market. Dollars. */
export interface CostBlock {
  readonly market: Price["market"];
  readonly prices: readonly Price[];
  readonly rows: readonly RowCost[];
}
