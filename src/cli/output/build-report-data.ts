// From a stored run to what a report is made from: the analysis, and what the facts add.

import { analyse } from "../../analysis/comparison/analyse.ts";
import { environmentDifferences } from "../../analysis/notes/environment-differences.ts";
import { featureDifferences } from "../../analysis/notes/cpu-features.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { falseAlarmLines } from "../../analysis/notes/false-alarms.ts";
import { rowRuns } from "../../analysis/comparison/row-runs.ts";
import { type Plan, type PlannedRow, type PlannedSuite, rowsForOs } from "../../domain/plan/plan.ts";
import { isAaTest } from "../../domain/plan/aa-sides.ts";
import { printable } from "../../domain/printable.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { type RunCost, costOfRun } from "../../domain/cost/run-cost.ts";
import type { RunInTable } from "../../pipeline/compare/table-input.ts";
import type { TableInput } from "../../pipeline/compare/table-input.ts";
import { commonValue, type ReportData } from "../../report/report-data.ts";
import { publishedCaveats } from "./published-remarks.ts";

export async function buildReportData(whole: TableInput, baseline: string): Promise<ReportData> {
  const stored = { ...whole, records: whole.records.filter((record) => !isUnpaid(record)) };
  const { plan, records, sources, differences: apart, published } = stored;
  const unpaid = whole.records.length - records.length;
  const spent = sources === undefined ? costOfRun(stored) : undefined;
  const sides = plan.spec.sides.map((side) => side.name);
  const rows = plannedRows(stored);
  const planOf = (side: string): Plan =>
    sources?.find((source) => source.plan.spec.sides.some(({ name }) => name === side))?.plan ?? plan;
  // Of published figures nothing is dropped: one each is all there is.
  const isPublished = (side: string): boolean => published?.some(({ name }) => name === side) === true;
  const warmup = (suite: string, row: string, impl: string, side: string): number =>
    (isPublished(side) ? undefined : planOf(side))?.suites
      .find((one) => one.name === suite)
      ?.rows.find((one) => one.name === row && one.impl === impl)?.warmup ?? 0;
  const pairing = { sides, rows, warmup };
  const compared = await analyse(records, { ...pairing, baseline, vcpus: vcpusOf(stored) });

  const sideOf = new Map(records.map((record) => [record.machine, record.side]));
  const machines = stored.machines.map(({ name, facts }) => ({ name, facts, side: sideOf.get(name) ?? "" }));
  const factsOf = (side: string) => ({
    side,
    facts: machines.filter((machine) => machine.side === side).map(({ facts }) => facts),
  });
  const share = othersShare(records, stored);
  const otherwise = (row: ComparedRow): string[] => {
    const impls = rows.flatMap((one) => (one.suite === row.suite ? [one.impl] : []));
    return sides
      .filter((side) => side !== baseline)
      .flatMap((side) => environmentDifferences({ ...row, impls }, factsOf(baseline), factsOf(side)));
  };
  const comparison = {
    ...compared,
    notes: [...compared.notes, ...(isAaTest(plan.spec.sides) ? falseAlarmLines(compared) : [])],
    rows: compared.rows.map((row) => ({ ...row, notes: [...row.notes, ...otherwise(row).map(printable)] })),
  };
  return {
    comparison,
    plan,
    machines,
    runs: rowRuns(records, pairing),
    explanations: comparison.rows.map((row) => {
      const planned = plan.suites
        .find((suite) => suite.name === row.suite)
        ?.rows.find((one) => one.name === row.row && one.impl === row.impl);
      const about = { impl: row.impl, instructions: planned?.instructions ?? [] };
      const others = sides.filter((side) => side !== baseline);
      return Object.fromEntries(
        others.map((side) => [side, featureDifferences({ name: row.suite }, about, factsOf(baseline), factsOf(side))]),
      );
    }),
    skipped: skipped(records, sides, plan.suites),
    ...(share === undefined ? {} : { others_share: share }),
    ...(sources === undefined ? {} : { sources: sources.map(withSpent) }),
    ...(spent === undefined ? {} : { spent }),
    ...(unpaid === 0 ? {} : { unpaid }),
    ...(apart === undefined ? {} : { differences: apart }),
    ...(published === undefined ? {} : { published, remarks: publishedCaveats(comparison, published) }),
    ...(stored.stopped === undefined ? {} : { stopped: stored.stopped }),
    ...(stored.finished === undefined ? {} : { finished: stored.finished }),
    ...(stored.absence === undefined ? {} : { absence: stored.absence }),
    ...(stored.sums === undefined ? {} : { sums: stored.sums }),
  };
}

/** Whether the trial was not begun for its price: then it says nothing of its machine, and none of its runs failed. */
function isUnpaid(record: AnyRecord): boolean {
  return record.status === "skipped" && record.reason === "budget";
}

function withSpent(source: RunInTable): RunInTable & { readonly spent?: RunCost } {
  const spent = costOfRun(source);
  return { ...source, ...(spent === undefined ? {} : { spent }) };
}

/** CPUs of a side's machines, where they are all alike; what is published of a type tells them, too. */
function vcpusOf({ machines, records, published = [] }: TableInput): (side: string) => number | undefined {
  const sideOf = new Map(records.map((record) => [record.machine, record.side]));
  return (side) => {
    const counts = machines.filter(({ name }) => sideOf.get(name) === side).map(({ facts }) => facts.ncpu);
    return commonValue([
      ...counts,
      ...published.filter(({ name }) => name === side).map(({ figures }) => figures.vcpus),
    ]);
  };
}

/** The rows that one of the machines can run, or that there are records of, in planned order. */
function plannedRows({ plan, machines, records }: TableInput): { suite: string; row: string; impl: string }[] {
  const recorded = new Set(records.map(({ suite, row, impl }) => JSON.stringify([suite, row, impl])));
  return plan.suites.flatMap((suite) => {
    const runnable = new Set<PlannedRow>(machines.flatMap(({ facts }) => rowsForOs(suite, facts.uname)));
    return suite.rows
      .filter((row) => runnable.has(row) || recorded.has(JSON.stringify([suite.name, row.name, row.impl])))
      .map((row) => ({ suite: suite.name, row: row.name, impl: row.impl }));
  });
}

/** Why rows did not run, each reason once; the side is named where it is not all of them. */
function skipped(records: readonly AnyRecord[], sides: readonly string[], suites: readonly PlannedSuite[]): string[] {
  const where = new Map<string, Set<string>>();
  for (const record of records) {
    if (record.status !== "skipped") continue;
    const suite = suites.find(({ name }) => name === record.suite);
    // What a machine lacks, it lacks for the whole suite; only a row that needs a new machine is left out alone.
    const all = record.reason.startsWith("needs: ") && suite?.rows.every((row) => row.fresh === suite.rows[0]?.fresh);
    const what = all === true ? record.suite : `${record.suite} by ${record.impl}`;
    const text = `${what} did not run: ${printable(record.reason)}`;
    where.set(text, (where.get(text) ?? new Set()).add(record.side));
  }
  return [...where].map(([text, on]) => (on.size === sides.length ? text : `${[...on].join(", ")}: ${text}`));
}

/** Others' part of the machines' time while trials ran, 0 to 1. */
function othersShare(records: readonly AnyRecord[], { machines }: TableInput): number | undefined {
  const ncpu = new Map(machines.map(({ name, facts }) => [name, facts.ncpu]));
  let others_s = 0;
  let whole_s = 0;
  for (const record of records) {
    if (record.status !== "completed" || record.others_cpu_s === undefined) continue;
    others_s += record.others_cpu_s;
    whole_s += record.real_s * (ncpu.get(record.machine) ?? 1);
  }
  // Kernel ticks of short trials may add up to a little more than there is.
  return whole_s === 0 ? undefined : Math.min(1, Math.max(0, others_s / whole_s));
}
