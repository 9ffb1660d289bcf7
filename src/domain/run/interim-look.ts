// A look at the records so far of a run with `--until`: its input and its decision.

import type { Plan } from "../plan/plan.ts";
import type { WideInterval, StopReason } from "../plan/stopping-rule.ts";
import type { TrialRecord } from "./trial-record.ts";

/** The records after whole rounds, the last of which is `round`. */
export interface InterimLook {
  readonly plan: Plan;
  readonly suite: string;
  readonly round: number;
  /** Records of the suite, up to the round. */
  readonly records: readonly TrialRecord[];
}

/** Whether to stop, since the intervals are narrow enough or more runs would not help; and which are too wide. */
export type LookDecision =
  | { readonly enough: false; readonly missed: readonly WideInterval[] }
  | ({ readonly enough: true } & Pick<StopReason, "why" | "missed" | "machines">);
