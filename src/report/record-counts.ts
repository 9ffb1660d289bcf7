// What a report counts over all records: what was skipped, repeated and left unpaid, and the CPU time of others.

import type { JudgedRecords } from "../analysis/comparison/kept-records.ts";
import type { AnyRecord } from "../domain/published/figures.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { Facts } from "../domain/run/machine.ts";
import { RecordColumns } from "../domain/records/record-columns.ts";
import { groupsOf, IdGroups } from "../domain/records/record-groups.ts";
import { budgetCut, budgetUnpaid, isForBudget } from "../domain/run/trial-record.ts";

/** The records of a report, by column, and the run that they are of. */
export interface CountedRecords {
  readonly columns: RecordColumns;
  readonly records: JudgedRecords;
  readonly plan: Plan;
  readonly machines: readonly { readonly name: string; readonly facts: Facts }[];
}

/** Counts apart what was not run for its price: it says nothing about the machine. */
export function withoutUnpaid(all: RecordColumns): {
  readonly columns: RecordColumns;
  readonly unpaid: number;
  readonly cut: number;
} {
  const [status, reason] = [all.word("status"), all.word("reason")];
  const skipped = status.find("skipped");
  const [unpaid, cut] = [budgetUnpaid, budgetCut].map((why) => {
    const id = reason.find(why);
    return (i: number): boolean => id !== undefined && status.id(i) === skipped && reason.id(i) === id;
  }) as [(i: number) => boolean, (i: number) => boolean];
  const counts = { unpaid: 0, cut: 0 };
  if (reason.find(budgetUnpaid) !== undefined || reason.find(budgetCut) !== undefined)
    for (let i = 0; i < all.length; i++) {
      if (unpaid(i)) counts.unpaid += 1;
      if (cut(i)) counts.cut += 1;
    }
  if (counts.unpaid + counts.cut === 0) return { columns: all, ...counts };
  return { columns: RecordColumns.from(paidFor(all)), ...counts };
}

function* paidFor(all: Iterable<AnyRecord>): Generator<AnyRecord> {
  for (const record of all) if (!isForBudget(record)) yield record;
}

/** Returns the side of each machine with records: that of its last one. */
export function sidesOfMachines(columns: RecordColumns): Map<string, string> {
  const [machine, side] = [columns.word("machine"), columns.word("side")];
  const found: number[] = [];
  const { last } = columns.kinds;
  for (const i of last.toSorted((a, b) => a - b)) found[machine.id(i)] = side.id(i);
  return new Map(
    machine.values.flatMap((name, id) =>
      name === undefined || found[id] === undefined ? [] : [[name, side.values[found[id]] ?? ""] as const],
    ),
  );
}

interface RowOnSide {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  readonly side: string;
}

/** Returns every row on every side that has records, and a function to the place of a record's own. */
export function rowsOf(columns: RecordColumns): { readonly groups: RowOnSide[]; readonly of: (i: number) => number } {
  const fields = ["suite", "row", "impl", "side"] as const;
  const [suite, row, impl, side] = columns.words(...fields);
  const number = groupsOf(columns, fields);
  const of = (i: number): number => number(i) - 1;
  const groups: RowOnSide[] = [];
  for (const i of columns.kinds.first)
    groups[of(i)] ??= { suite: suite.word(i), row: row.word(i), impl: impl.word(i), side: side.word(i) };
  return { groups, of };
}

/** Returns why rows did not run, each reason once. The side is named where it is not all of them. */
export function skippedLines({ columns, plan: { spec, suites } }: CountedRecords): string[] {
  const sides = spec.sides.map(({ name }) => name);
  const where = new Map<string, Set<string>>();
  const [status, reason] = [columns.word("status"), columns.word("reason")];
  const skipped = status.find("skipped");
  if (skipped === undefined) return [];
  const { groups, of } = rowsOf(columns);
  const seen = new IdGroups();
  let count = 0;
  for (let i = 0; i < columns.length; i++) {
    if (status.id(i) !== skipped) continue;
    // Each reason of a row on a side is told once.
    if (seen.of(of(i), reason.id(i)) <= count) continue;
    count += 1;
    const record = { ...(groups[of(i)] as RowOnSide), reason: reason.word(i) };
    // Rounds after a failure have no line: the cell shows the failure.
    if (record.reason === "failed-before") continue;
    const suite = suites.find(({ name }) => name === record.suite);
    // A machine that lacks something lacks it for the whole suite. Only a row that needs a new machine is left out
    // alone.
    const all = record.reason.startsWith("needs: ") && suite?.rows.every((row) => row.fresh === suite.rows[0]?.fresh);
    const what = all === true ? record.suite : `${record.suite} by ${record.impl}`;
    const text = `${what} did not run: ${record.reason === "not-provided" ? `setup chose no way to run it (driver.${record.impl})` : record.reason.replace(/^needs: /, "needs ")}`;
    where.set(text, (where.get(text) ?? new Set()).add(record.side));
  }
  return [...where].map(([text, on]) => (on.size === sides.length ? text : `${[...on].join(", ")}: ${text}`));
}

/** Returns how many trials were run after the rounds that `planOf` a side plans, in place of disturbed ones. */
export function repeatedTrials({ columns, records }: CountedRecords, planOf: (side: string) => Plan): number {
  const { groups, of } = rowsOf(columns);
  const runs = groups.map(({ suite, row, impl, side }) => {
    const rows = planOf(side).suites.find(({ name }) => name === suite)?.rows ?? [];
    return rows.find((planned) => planned.name === row && planned.impl === impl)?.runs ?? Infinity;
  });
  const most = runs.reduce((least, one) => Math.min(least, one), Infinity);
  const round = columns.number("round");
  let repeated = 0;
  for (let i = 0; i < columns.length; i++)
    if (round.at(i) > most && !records.isPublished(i) && round.at(i) > (runs[of(i)] as number)) repeated += 1;
  return repeated;
}

/**
 * Returns the share of the machines' CPU time that other processes took while trials ran, 0 to 1. Undefined where no
 * trial counted it.
 */
export function othersShare({ columns, records, machines }: CountedRecords): number | undefined {
  const known = new Map(machines.map(({ name, facts }) => [name, facts.ncpu]));
  const machine = columns.word("machine");
  const ncpu = machine.values.map((name) => known.get(name ?? "") ?? 1);
  const { length } = columns;
  const [others, real] = [columns.numbersOfAll("others_cpu_s"), columns.numbersOfAll("real_s")];
  const on = machine.idsUpTo(length);
  let others_s = 0;
  let whole_s = 0;
  for (let i = 0; i < length; i++) {
    const own_s = others[i] as number;
    if (!records.isCompleted(i) || Number.isNaN(own_s)) continue;
    others_s += own_s;
    whole_s += (real[i] as number) * (ncpu[on[i] as number] as number);
  }
  // Kernel ticks of short trials may add up to a little more than the whole.
  return whole_s === 0 ? undefined : Math.min(1, Math.max(0, others_s / whole_s));
}
