// Names a row by its title, and adds what distinguishes it where several rows have one title.

import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { displayTitle } from "../../domain/plan/user-command.ts";
import { commonValue, rowTitle, type ReportData } from "../report-data.ts";

export interface RowName {
  readonly title: string;
  /** Empty where the title is enough. */
  readonly impl: string;
}

export function rowName(report: ReportData, row: ComparedRow): RowName {
  const alike = report.comparison.rows.filter((other) => other.suite === row.suite && other.row === row.row);
  const twins = alike.filter((other) => other.impl === row.impl);
  const impl = [...(alike.length > 1 ? [row.impl] : []), ...distinguishingPart(row, twins)].join(" ");
  return { title: displayTitle(rowTitle(report, row) ?? row.row), impl };
}

/**
 * Returns what distinguishes `row` from `twins`, rows of the same name: its driver, its parameters, and where these are
 * the same, its work.
 */
function distinguishingPart(row: ComparedRow, twins: readonly ComparedRow[]): string[] {
  const params = Object.entries(row.params).filter(
    ([name]) => new Set(twins.flatMap((twin) => twin.params[name] ?? [])).size > 1,
  );
  const distinct = [
    ...(commonValue(twins.map(({ driver }) => driver)) === undefined ? [row.driver] : []),
    ...params.map(([name, value]) => displayTitle(`${name}=${value}`)),
  ];
  const alike = twins.filter(
    (twin) => twin.driver === row.driver && params.every(([name, value]) => twin.params[name] === value),
  );
  return alike.length > 1 && row.work_id !== null
    ? [...distinct, `work ${displayTitle(row.work_id).slice(0, 12)}`]
    : distinct;
}
