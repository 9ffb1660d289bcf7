// A look at a run that goes on until its intervals are narrow enough: what is shown, and what is decided.

import type { Plan } from "../plan/plan.ts";
import type { Miss, Stopped } from "../plan/stopping-rule.ts";
import type { RunRecord } from "./trial-record.ts";

/** A look at what there is after whole rounds, the last of them `round`. */

export interface Look {
  readonly plan: Plan;
  readonly suite: string;
  readonly round: number;
  /** Of the suite, up to the round. */
  readonly records: readonly RunRecord[];
}
export type Answer =
  | { readonly enough: false; readonly missed: readonly Miss[] }
  | ({ readonly enough: true } & Pick<Stopped, "why" | "missed" | "machines">);
