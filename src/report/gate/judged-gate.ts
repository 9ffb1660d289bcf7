// Judges the gate of a report: names its rows as the table does, and refuses limits on rows that there are not.

import { type GateResult, judgeGate } from "../../analysis/gate/judge-gate.ts";
import type { AnalyseOptions } from "../../analysis/comparison/analyse.ts";
import type { RowKey } from "../../analysis/comparison/paired-rows.ts";
import { type Gate, limitedRowsOf, refuseUnknownLimits } from "../../domain/plan/gate.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { JudgedRecords } from "../../analysis/comparison/kept-records.ts";

interface JudgedInput {
  readonly plan: Plan;
  readonly records: JudgedRecords;
  readonly sources?: readonly unknown[];
}

/**
 * Returns the answer of the gate on the records of a report: of `asked`, or of the one that a single run was begun with.
 * Undefined where there is neither.
 *
 * @throws TimetrialError USAGE where a limit of `asked` is on a row that there is not
 */
export async function judgedGate(
  { plan, records, sources }: JudgedInput,
  options: AnalyseOptions,
  asked: Gate | undefined,
): Promise<GateResult | undefined> {
  const gate = asked ?? (sources === undefined ? plan.spec.gate : undefined);
  if (gate === undefined) return undefined;
  const rows = limitedRowsOf(plan.suites);
  if (asked !== undefined) refuseUnknownLimits(asked, rows);
  const titleOf = ({ suite, row, impl }: RowKey): string | undefined =>
    rows.find((one) => one.suite === suite && one.row === row && one.impl === impl)?.title;
  return await judgeGate(records, gate, { ...options, titleOf });
}
