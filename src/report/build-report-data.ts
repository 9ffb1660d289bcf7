// Builds the data of a report from one stored run or several: the analysis, and what the machines' facts add to it.

import { defined } from "../domain/defined.ts";
import { comparedPairs, type ComparedPairs, compareRows } from "../analysis/comparison/analyse.ts";
import { environmentDifferences } from "../analysis/notes/environment-differences.ts";
import { featureDifferences } from "../analysis/notes/cpu-features.ts";
import type { ComparedRow, Comparison } from "../analysis/comparison/comparison.ts";
import { type GroupedRow, pairedRows, type Pairing } from "../analysis/comparison/paired-rows.ts";
import { clockNotes } from "../analysis/why/clock-notes.ts";
import { falseAlarmLines } from "../analysis/notes/false-alarms.ts";
import type { Gate } from "../domain/plan/gate.ts";
import { JudgedRecords } from "../analysis/comparison/kept-records.ts";
import { RecordColumns } from "../domain/records/record-columns.ts";
import { GroupedRuns } from "../analysis/comparison/row-runs.ts";
import type { Facts } from "../domain/run/machine.ts";
import { isAaTest } from "../domain/plan/aa-sides.ts";
import { type RunCost, costOfRun } from "../domain/cost/run-cost.ts";
import { commonValue, type FastestCommand, type ReportData } from "./report-data.ts";
import type { ReportInput, RunOfReport } from "./report-input.ts";
import { pairingOf, planBySide } from "./pairing.ts";
import { judgedGate } from "./gate/judged-gate.ts";
import { othersShare, repeatedTrials, sidesOfMachines, skippedLines, withoutUnpaid } from "./record-counts.ts";
import { withRanking } from "./ranking/with-ranking.ts";
import { publishedCaveats } from "./published-caveats.ts";

/**
 * Analyses `input` against the side `baseline`, and adds the other data of the report. `gate`: the limits that it is
 * held to; where it is absent, those that a single run was begun with.
 *
 * @throws TimetrialError BASELINE_UNKNOWN where the baseline is not one of the sides; USAGE where a limit is on a row
 *   that there is not.
 * @example
 * import { buildReportData } from "timetrial";
 * import { resultFolders } from "timetrial/adapters";
 *
 * const run = await resultFolders("results").load("20261124-031500-3fa9");
 * const { comparison } = await buildReportData(run, run.plan.spec.baseline);
 * for (const row of comparison.rows) console.log(row.row, row.speedups);
 */
export async function buildReportData(input: ReportInput, baseline: string, gate?: Gate): Promise<ReportData> {
  const { columns, unpaid, cut } = withoutUnpaid(RecordColumns.from(input.records));
  const stored = { ...input, columns, records: new JudgedRecords(columns) };
  const { plan, records, sources, by, differences, stopped, finished, absence, sums, changed } = stored;
  const spent = sources === undefined ? costOfRun(input) : undefined;
  const share = othersShare(stored);
  const repeated = repeatedTrials(stored, planBySide(stored));
  const pairing = pairingOf(stored);
  const machines = machinesWithSides(stored);
  const rows = pairedRows(records, pairing);
  const runs = rows.map((row) => new GroupedRuns(row));
  const compared = await comparedPairs(records, rows, { ...pairing, baseline });
  const paired = { pairing, rows, runs, compared };
  const comparison = await comparisonOf(stored, paired, machines, baseline);
  const fastest = input.by === "command" ? await fastestCommand(comparison, stored, paired) : undefined;
  const judged = await judgedGate(stored, { rows, pairs: compared.pairs }, gate);
  const report: ReportData = {
    comparison,
    plan,
    machines,
    runs,
    explanations: comparison.rows.map((row) => explanationsOf(row, stored, machines, baseline)),
    skipped: skippedLines(stored),
    ...(unpaid === 0 ? {} : { unpaid }),
    ...(repeated === 0 ? {} : { repeated }),
    ...(cut === 0 ? {} : { cut }),
    ...(stored.published === undefined
      ? {}
      : { published: stored.published, remarks: publishedCaveats(comparison, stored.published) }),
    ...defined({ others_share: share, sources: sources?.map(withSpent), spent, fastest }),
    ...defined({ by, differences, stopped, finished, absence, sums, changed, gate: judged }),
  };
  return await withRanking(report, "real");
}

type MachineOfReport = ReportData["machines"][number];

/** The input with its records by column. */
interface Tabled extends Omit<ReportInput, "records"> {
  readonly columns: RecordColumns;
  readonly records: JudgedRecords;
}

/** The records as rows of the table. */
interface Paired {
  readonly pairing: Pairing;
  readonly rows: readonly GroupedRow[];
  readonly runs: readonly GroupedRuns[];
  /** The tests against the report's baseline. */
  readonly compared: ComparedPairs;
}

/** Compares the sides, and adds notes on how their machines differ. */
async function comparisonOf(
  input: Tabled,
  { pairing, rows, runs, compared: pairs }: Paired,
  machines: readonly MachineOfReport[],
  baseline: string,
): Promise<Comparison> {
  const options = { ...pairing, baseline, vcpus: vcpusOf(input), sameMachines: input.by === "command" };
  const compared = await compareRows(input.records, rows, pairs, options);
  const { sides } = pairing;
  const differences = (row: ComparedRow): string[] => {
    const impls = (pairing.rows ?? []).flatMap((planned) => (planned.suite === row.suite ? [planned.impl] : []));
    return contendersOf(sides, baseline).flatMap((side) =>
      environmentDifferences({ ...row, impls }, factsOf(machines, baseline), factsOf(machines, side)),
    );
  };
  return {
    ...compared,
    notes: [
      ...compared.notes,
      ...(pairing.looks === undefined || pairing.looks < 2
        ? []
        : [`the gate could end the rounds at ${pairing.looks} looks: the intervals of speedups allow for them`]),
      ...clockNotes(compared, runs),
      ...(isAaTest(input.plan.spec.sides) ? falseAlarmLines(compared) : []),
    ],
    rows: compared.rows.map((row) => ({ ...row, notes: [...row.notes, ...differences(row)] })),
  };
}

/**
 * Compares the command of the least real time with the others. Undefined where several machines ran them, or only one
 * was timed.
 */
async function fastestCommand(
  { rows, sides }: Comparison,
  { records }: Tabled,
  { pairing, rows: paired }: Paired,
): Promise<FastestCommand | undefined> {
  const [row, another] = rows;
  if (row === undefined || another !== undefined) return undefined;
  const timed = sides.flatMap((name) => {
    const time_s = row.cells[name]?.real.time_s ?? null;
    return time_s === null ? [] : [{ name, time_s }];
  });
  const [first, second] = timed.toSorted((a, b) => a.time_s - b.time_s);
  if (first === undefined || second === undefined) return undefined;
  const options = { ...pairing, baseline: first.name, sameMachines: true };
  const against = await compareRows(records, paired, await comparedPairs(records, paired, options), options);
  const over = timed.flatMap(({ name }) => {
    const speedup = against.rows[0]?.speedups[name]?.real;
    if (speedup === undefined || speedup.value === null) return [];
    const { value, lo, hi, verdict } = speedup;
    return [{ name, value: 1 / value, lo: hi === null ? null : 1 / hi, hi: lo === null ? null : 1 / lo, verdict }];
  });
  return { name: first.name, over };
}

/** Returns for each contender the CPU features that may explain a difference in `row`. */
function explanationsOf(
  row: ComparedRow,
  { plan }: Tabled,
  machines: readonly MachineOfReport[],
  baseline: string,
): ReportData["explanations"][number] {
  const planned = plan.suites
    .find((suite) => suite.name === row.suite)
    ?.rows.find((candidate) => candidate.name === row.row && candidate.impl === row.impl);
  const about = { impl: row.impl, instructions: planned?.instructions ?? [] };
  const sides = plan.spec.sides.map(({ name }) => name);
  return Object.fromEntries(
    contendersOf(sides, baseline).map((side) => [
      side,
      featureDifferences({ name: row.suite }, about, factsOf(machines, baseline), factsOf(machines, side)),
    ]),
  );
}

function contendersOf(sides: readonly string[], baseline: string): string[] {
  return sides.filter((side) => side !== baseline);
}

function factsOf(
  machines: readonly MachineOfReport[],
  side: string,
): { readonly side: string; readonly facts: Facts[] } {
  return { side, facts: machines.filter((machine) => machine.side === side).map(({ facts }) => facts) };
}

function machinesWithSides({ machines, columns }: Tabled): MachineOfReport[] {
  const sideOf = sidesOfMachines(columns);
  return machines.map(({ name, facts }) => ({ name, facts, side: sideOf.get(name) ?? "" }));
}

function withSpent<R extends RunOfReport>(source: R): R & { readonly spent?: RunCost } {
  const spent = costOfRun(source);
  return { ...source, ...defined({ spent }) };
}

/** Returns the vCPUs of a side's machines, measured or published; undefined where they differ. */
function vcpusOf({ machines, columns, published = [] }: Tabled): (side: string) => number | undefined {
  const sideOf = sidesOfMachines(columns);
  const counts = new Map<string, Set<number>>();
  const add = (side: string, count: number): void => void counts.set(side, (counts.get(side) ?? new Set()).add(count));
  for (const { name, facts } of machines) add(sideOf.get(name) ?? "", facts.ncpu);
  for (const { name, figures } of published) add(name, figures.vcpus);
  return (side) => commonValue([...(counts.get(side) ?? [])]);
}
