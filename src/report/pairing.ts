// Says which rows of a run are compared, and which of their runs are warm-up.

import { type Pairing } from "../analysis/comparison/paired-rows.ts";
import { looksOf, type Plan, type PlannedRow, rowsForOs } from "../domain/plan/plan.ts";
import type { RecordColumns } from "../domain/records/record-columns.ts";
import type { ReportInput } from "./report-input.ts";
import { rowsOf } from "./record-counts.ts";

/** What is compared, with its records by column. */
interface Paired extends Pick<ReportInput, "plan" | "sources" | "machines" | "published"> {
  readonly columns: RecordColumns;
}

/**
 * Returns which rows are compared, and how many runs of each are dropped as warm-up; published figures have no warm-up.
 */
export function pairingOf(input: Paired): Pairing {
  const { plan, published } = input;
  const planOf = planBySide(input);
  const isPublished = (side: string): boolean => published?.some(({ name }) => name === side) === true;
  return {
    sides: plan.spec.sides.map((side) => side.name),
    rows: plannedRows(input),
    warmup: (suite, row, impl, side) =>
      (isPublished(side) ? undefined : planOf(side))?.suites
        .find((planned) => planned.name === suite)
        ?.rows.find((planned) => planned.name === row && planned.impl === impl)?.warmup ?? 0,
    looks: Math.max(1, ...(input.sources ?? [input]).map((source) => looksOf(source.plan))),
  };
}

/** Returns in planned order the rows that one of the machines can run, or that have records. */
function plannedRows({ plan, machines, columns }: Paired): { suite: string; row: string; impl: string }[] {
  const { groups } = rowsOf(columns);
  const recorded = new Set(groups.map(({ suite, row, impl }) => JSON.stringify([suite, row, impl])));
  const unames = new Map(machines.map(({ facts }) => [JSON.stringify(facts.uname), facts.uname]));
  return plan.suites.flatMap((suite) => {
    const runnable = new Set<PlannedRow>([...unames.values()].flatMap((uname) => rowsForOs(suite, uname)));
    return suite.rows
      .filter((row) => runnable.has(row) || recorded.has(JSON.stringify([suite.name, row.name, row.impl])))
      .map((row) => ({ suite: suite.name, row: row.name, impl: row.impl }));
  });
}

/** Returns a function that returns the plan of the run that a side is of. */
export function planBySide({ plan, sources }: Pick<ReportInput, "plan" | "sources">): (side: string) => Plan {
  return (side) => sources?.find((source) => source.plan.spec.sides.some(({ name }) => name === side))?.plan ?? plan;
}
