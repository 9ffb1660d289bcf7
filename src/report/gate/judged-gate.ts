// Judges the gate of a report: names its rows as the table does, and refuses limits on rows that there are not.

import { type GateResult, judgePairs } from "../../analysis/gate/judge-gate.ts";
import type { PairByMetric } from "../../analysis/comparison/analyse.ts";
import type { PairedRow, RowKey } from "../../analysis/comparison/paired-rows.ts";
import { type Gate, limitedRowsOf, refuseUnknownLimits } from "../../domain/plan/gate.ts";
import type { Plan } from "../../domain/plan/plan.ts";

interface JudgedInput {
  readonly plan: Plan;
  readonly sources?: readonly unknown[];
}

/**
 * Returns the answer of the gate on the rows of a report, by the tests of their sides: of `asked`, or of the one that a single run was begun with.
 * Undefined where there is neither.
 *
 * @throws TimetrialError USAGE where a limit of `asked` is on a row that there is not
 */
export async function judgedGate(
  { plan, sources }: JudgedInput,
  { rows: compared, pairs }: { readonly rows: readonly PairedRow[]; readonly pairs: readonly PairByMetric[] },
  asked: Gate | undefined,
): Promise<GateResult | undefined> {
  const gate = asked ?? (sources === undefined ? plan.spec.gate : undefined);
  if (gate === undefined) return undefined;
  const rows = limitedRowsOf(plan.suites);
  if (asked !== undefined) refuseUnknownLimits(asked, rows);
  const titleOf = ({ suite, row, impl }: RowKey): string | undefined =>
    rows.find((one) => one.suite === suite && one.row === row && one.impl === impl)?.title;
  return await judgePairs(compared, pairs, gate, { titleOf });
}
