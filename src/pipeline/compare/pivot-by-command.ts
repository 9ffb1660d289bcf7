// Pivots a stored run: its commands become the sides, its sides the rows, so that the commands are compared.

import { commandSuiteName, displayTitle } from "../../domain/plan/user-command.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { isColumnar, RecordColumns } from "../../domain/records/record-columns.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { StoredRun } from "../../ports/results.ts";

/** Whether the table compares sides or commands, and the name of the baseline. */
export interface ComparisonAxis {
  readonly by: "side" | "command";
  readonly baseline: string;
}

/** Returns `stored` with the sides or the commands of `axis` as its sides. */
export function pivotRun(stored: StoredRun, axis: ComparisonAxis): StoredRun & { readonly by?: "command" } {
  return axis.by === "side" ? stored : byCommand(stored, commandNames(stored.plan.spec));
}

/**
 * Pivots for formats that programs read: the names of commands are their whole texts, which a table cuts to its width.
 * Returns the baseline's name, too.
 */
export function pivotRunWhole(
  stored: StoredRun,
  axis: ComparisonAxis,
): { readonly run: ReturnType<typeof pivotRun>; readonly baseline: string } {
  const titles = stored.plan.spec.command?.commands.map(({ title }) => title) ?? [];
  const baseline = titles[commandNames(stored.plan.spec).indexOf(axis.baseline)];
  if (axis.by === "side" || baseline === undefined) return { run: pivotRun(stored, axis), baseline: axis.baseline };
  return { run: byCommand(stored, titles), baseline };
}

/** Returns the names of the commands of `spec` in a table. */
export function commandNames(spec: Spec): string[] {
  return spec.command?.commands.map(({ title }) => displayTitle(title)) ?? [];
}

/** Returns `command` where one side runs several commands and no other suite; else `side`. */
export function defaultAxis(spec: Spec): "side" | "command" {
  const several = (spec.command?.commands.length ?? 0) > 1;
  return several && spec.sides.length === 1 && spec.suites.every(({ suite }) => suite === commandSuiteName)
    ? "command"
    : "side";
}

function byCommand(stored: StoredRun, names: readonly string[]): StoredRun & { readonly by?: "command" } {
  const { plan } = stored;
  const suite = plan.suites.find(({ name }) => name === commandSuiteName);
  // Later code looks at the sides for instance types, to know whether to ask the account for running machines.
  const like = plan.spec.sides.find(({ kind }) => kind === "ec2") ?? plan.spec.sides[0];
  const nameOf = new Map(names.map((name, i) => [`cmd-${i + 1}`, name]));
  const first = suite?.rows[0];
  if (suite === undefined || first === undefined || like === undefined) return stored;
  return {
    ...stored,
    by: "command",
    plan: {
      ...plan,
      spec: { ...plan.spec, sides: names.map((name) => ({ ...like, name })), baseline: names[0] as string },
      suites: [{ ...suite, rows: plan.spec.sides.map(({ name }) => ({ ...first, name, title: name })) }],
    },
    records: isColumnar(stored.records)
      ? RecordColumns.from(pivotedRecords(stored.records, nameOf))
      : [...pivotedRecords(stored.records, nameOf)],
  };
}

function* pivotedRecords(records: Iterable<TrialRecord>, nameOf: ReadonlyMap<string, string>): Generator<TrialRecord> {
  for (const record of records) {
    if (record.suite !== commandSuiteName) continue;
    // Each command is other work. One id for all lets the table compare them all the same.
    yield { ...record, row: record.side, side: nameOf.get(record.row) ?? record.row, work_id: "by-command" };
  }
}
