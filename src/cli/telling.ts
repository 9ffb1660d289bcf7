// From a stored run to what a report is made from: the analysis, and what the facts add.

import { analyse } from "../analysis/analyse.ts";
import { differences } from "../analysis/differences.ts";
import { explanations } from "../analysis/explain.ts";
import type { ComparedRow } from "../analysis/comparison.ts";
import { falseAlarms } from "../analysis/false-alarms.ts";
import { rowRuns } from "../analysis/row-runs.ts";
import { isAA } from "../domain/aa.ts";
import { type PlannedSuite, rowsOn } from "../domain/plan.ts";
import { printable } from "../domain/printable.ts";
import type { RunRecord } from "../domain/record.ts";
import type { StoredRun } from "../ports/results.ts";
import type { Told } from "../report/told.ts";

export async function tell(stored: StoredRun, baseline: string): Promise<Told> {
  const { plan, records } = stored;
  const sides = plan.spec.sides.map((side) => side.name);
  const somewhere = (suite: PlannedSuite) =>
    new Set(stored.machines.flatMap(({ facts }) => rowsOn(suite, facts.uname)));
  const rows = plan.suites.flatMap((suite) =>
    [...somewhere(suite)].map((row) => ({ suite: suite.name, row: row.name, impl: row.impl })),
  );
  const warmup = (suite: string, row: string, impl: string): number =>
    plan.suites.find((one) => one.name === suite)?.rows.find((one) => one.name === row && one.impl === impl)?.warmup ??
    0;
  const pairing = { sides, rows, warmup };
  const comparison = await analyse(records, { ...pairing, baseline });

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
      .flatMap((side) => differences({ ...row, impls }, factsOf(baseline), factsOf(side)));
  };
  return {
    comparison: {
      ...comparison,
      notes: [...comparison.notes, ...(isAA(plan.spec.sides) ? falseAlarms(comparison) : [])],
      rows: comparison.rows.map((row) => ({ ...row, notes: [...row.notes, ...otherwise(row).map(printable)] })),
    },
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
        others.map((side) => [side, explanations({ name: row.suite }, about, factsOf(baseline), factsOf(side))]),
      );
    }),
    skipped: skipped(records, sides),
    ...(share === undefined ? {} : { others_share: share }),
    ...(stored.absence === undefined ? {} : { absence: stored.absence }),
    ...(stored.sums === undefined ? {} : { sums: stored.sums }),
  };
}

/** Why rows did not run, each reason once; the side is named where it is not all of them. */
function skipped(records: readonly RunRecord[], sides: readonly string[]): string[] {
  const where = new Map<string, Set<string>>();
  for (const record of records) {
    if (record.status !== "skipped") continue;
    const text = `${record.suite} by ${record.impl} did not run: ${printable(record.reason)}`;
    where.set(text, (where.get(text) ?? new Set()).add(record.side));
  }
  return [...where].map(([text, on]) => (on.size === sides.length ? text : `${[...on].join(", ")}: ${text}`));
}

/** Others' part of the machines' time while trials ran, 0 to 1. */
function othersShare(records: readonly RunRecord[], { machines }: StoredRun): number | undefined {
  const ncpu = new Map(machines.map(({ name, facts }) => [name, facts.ncpu]));
  let others_s = 0;
  let whole_s = 0;
  for (const record of records) {
    if (record.status !== "completed" || record.others_cpu_s === undefined) continue;
    others_s += record.others_cpu_s;
    whole_s += record.real_s * (ncpu.get(record.machine) ?? 1);
  }
  return whole_s === 0 ? undefined : Math.max(0, others_s) / whole_s;
}
