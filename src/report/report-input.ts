// What a report is made of: one stored run or several.

import type { Records } from "../domain/records/record-columns.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { StopReason } from "../domain/plan/stopping-rule.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Facts } from "../domain/run/machine.ts";
import type { AnyRecord, PublishedSide } from "../domain/published/figures.ts";

/** One run, or several side by side (`sources`). The names of sides, machines and rows are unique over all runs. */
export interface ReportInput extends RunOfReport {
  /** Set where the sides are commands, and the rows the machines that ran them. */
  readonly by?: "command";
  readonly sources?: readonly (RunOfReport & { readonly tag: string })[];
  /** What differs between the runs, one line each. */
  readonly differences?: readonly string[];
  readonly published?: readonly { readonly name: string; readonly figures: PublishedSide }[];
}

/** A run as `Results.load` returns it. */
export interface RunOfReport {
  readonly plan: Plan;
  readonly records: Records<AnyRecord>;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
  readonly finished?: boolean;
  readonly stopped?: readonly StopReason[];
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  readonly ledger?: readonly LedgerEntry[];
  readonly prices?: PriceList;
  readonly sums?: string;
  /** Paths of files that were changed since the run was closed; absent where none were. */
  readonly changed?: readonly string[];
}
