// A look at a run that goes on until its intervals are narrow enough: what is shown, and what is decided.

import type { Plan } from "../plan/plan.ts";
import type { WideInterval, StopReason } from "../plan/stopping-rule.ts";
import type { TrialRecord } from "./trial-record.ts";

/** A look at what there is after whole rounds, the last of them `round`. */

export interface InterimLook {
  readonly plan: Plan;
  readonly suite: string;
  readonly round: number;
  /** Of the suite, up to the round. */
  readonly records: readonly TrialRecord[];
}

/** Whether the intervals are narrow enough, or more runs would not help; and which are not yet. */
export type LookDecision =
  | { readonly enough: false; readonly missed: readonly WideInterval[] }
  | ({ readonly enough: true } & Pick<StopReason, "why" | "missed" | "machines">);
