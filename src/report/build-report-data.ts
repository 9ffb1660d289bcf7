// Builds the data of a report from one stored run or several: the analysis, and what the machines' facts add to it.

import { defined } from "../domain/defined.ts";
import { analyse } from "../analysis/comparison/analyse.ts";
import { environmentDifferences } from "../analysis/notes/environment-differences.ts";
import { featureDifferences } from "../analysis/notes/cpu-features.ts";
import type { ComparedRow, Comparison } from "../analysis/comparison/comparison.ts";
import type { Pairing } from "../analysis/comparison/paired-rows.ts";
import { clockNotes } from "../analysis/why/clock-notes.ts";
import { falseAlarmLines } from "../analysis/notes/false-alarms.ts";
import { rowRuns } from "../analysis/comparison/row-runs.ts";
import type { Gate } from "../domain/plan/gate.ts";
import { type Plan, type PlannedRow, rowsForOs } from "../domain/plan/plan.ts";
import type { StopReason } from "../domain/plan/stopping-rule.ts";
import type { LedgerEntry } from "../domain/cloud/ledger.ts";
import type { PriceList } from "../domain/cost/price-list.ts";
import type { Facts } from "../domain/run/machine.ts";
import { isAaTest } from "../domain/plan/aa-sides.ts";
import type { AnyRecord, PublishedSide } from "../domain/published/figures.ts";
import { budgetCut, budgetUnpaid, isForBudget } from "../domain/run/trial-record.ts";
import { type RunCost, costOfRun } from "../domain/cost/run-cost.ts";
import { commonValue, type FastestCommand, type ReportData } from "./report-data.ts";
import { judgedGate } from "./gate/judged-gate.ts";
import { publishedCaveats } from "./published-caveats.ts";

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
  readonly records: readonly AnyRecord[];
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
  // They are counted apart: they say nothing about the machine.
  const stored = { ...input, records: input.records.filter((record) => !isForBudget(record)) };
  const { plan, records, sources, by, differences, stopped, finished, absence, sums, changed } = stored;
  const skippedFor = (why: string): number =>
    input.records.filter((record) => record.status === "skipped" && record.reason === why).length;
  const [unpaid, cut] = [skippedFor(budgetUnpaid), skippedFor(budgetCut)];
  const spent = sources === undefined ? costOfRun(stored) : undefined;
  const share = othersShare(stored);
  const repeated = repeatedTrials(stored);
  const pairing = pairingOf(stored);
  const machines = machinesWithSides(stored);
  const runs = rowRuns(records, pairing);
  const comparison = await comparisonOf(stored, { pairing, runs }, machines, baseline);
  const fastest = input.by === "command" ? await fastestCommand(comparison, stored, pairing) : undefined;
  const judged = await judgedGate(stored, { ...pairing, baseline }, gate);
  return {
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
}

type MachineOfReport = ReportData["machines"][number];

/** Compares the sides, and adds notes on how their machines differ. */
async function comparisonOf(
  input: ReportInput,
  { pairing, runs }: { readonly pairing: Pairing; readonly runs: ReportData["runs"] },
  machines: readonly MachineOfReport[],
  baseline: string,
): Promise<Comparison> {
  const options = { ...pairing, baseline, vcpus: vcpusOf(input), sameMachines: input.by === "command" };
  const compared = await analyse(input.records, options);
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
  input: ReportInput,
  pairing: Pairing,
): Promise<FastestCommand | undefined> {
  const [row, another] = rows;
  if (row === undefined || another !== undefined) return undefined;
  const timed = sides.flatMap((name) => {
    const time_s = row.cells[name]?.real.time_s ?? null;
    return time_s === null ? [] : [{ name, time_s }];
  });
  const [first, second] = timed.toSorted((a, b) => a.time_s - b.time_s);
  if (first === undefined || second === undefined) return undefined;
  const against = await analyse(input.records, { ...pairing, baseline: first.name, sameMachines: true });
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
  { plan }: ReportInput,
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

function machinesWithSides({ machines, records }: ReportInput): MachineOfReport[] {
  const sideOf = new Map(records.map((record) => [record.machine, record.side]));
  return machines.map(({ name, facts }) => ({ name, facts, side: sideOf.get(name) ?? "" }));
}

/**
 * Returns which rows are compared, and how many runs of each are dropped as warm-up; published figures have no warm-up.
 */
function pairingOf(input: ReportInput): Pairing {
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
  };
}

function withSpent<R extends RunOfReport>(source: R): R & { readonly spent?: RunCost } {
  const spent = costOfRun(source);
  return { ...source, ...defined({ spent }) };
}

/** Returns the vCPUs of a side's machines, measured or published; undefined where they differ. */
function vcpusOf({ machines, records, published = [] }: ReportInput): (side: string) => number | undefined {
  const sideOf = new Map(records.map((record) => [record.machine, record.side]));
  return (side) => {
    const counts = machines.filter(({ name }) => sideOf.get(name) === side).map(({ facts }) => facts.ncpu);
    return commonValue([
      ...counts,
      ...published.filter(({ name }) => name === side).map(({ figures }) => figures.vcpus),
    ]);
  };
}

/** Returns in planned order the rows that one of the machines can run, or that have records. */
function plannedRows({ plan, machines, records }: ReportInput): { suite: string; row: string; impl: string }[] {
  const recorded = new Set(records.map(({ suite, row, impl }) => JSON.stringify([suite, row, impl])));
  return plan.suites.flatMap((suite) => {
    const runnable = new Set<PlannedRow>(machines.flatMap(({ facts }) => rowsForOs(suite, facts.uname)));
    return suite.rows
      .filter((row) => runnable.has(row) || recorded.has(JSON.stringify([suite.name, row.name, row.impl])))
      .map((row) => ({ suite: suite.name, row: row.name, impl: row.impl }));
  });
}

/** Returns why rows did not run, each reason once. The side is named where it is not all of them. */
function skippedLines({ records, plan: { spec, suites } }: ReportInput): string[] {
  const sides = spec.sides.map(({ name }) => name);
  const where = new Map<string, Set<string>>();
  for (const record of records) {
    // Rounds after a failure have no line: the cell shows the failure.
    if (record.status !== "skipped" || record.reason === "failed-before") continue;
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

/** Returns how many trials were run after the planned rounds, in place of disturbed ones. */
function repeatedTrials(input: ReportInput): number {
  const planOf = planBySide(input);
  return input.records.filter((record) => {
    if (record.status === "published") return false;
    const rows = planOf(record.side).suites.find(({ name }) => name === record.suite)?.rows ?? [];
    const row = rows.find(({ name, impl }) => name === record.row && impl === record.impl);
    return row !== undefined && record.round > row.runs;
  }).length;
}

/** Returns a function that returns the plan of the run that a side is of. */
function planBySide({ plan, sources }: ReportInput): (side: string) => Plan {
  return (side) => sources?.find((source) => source.plan.spec.sides.some(({ name }) => name === side))?.plan ?? plan;
}

/**
 * Returns the share of the machines' CPU time that other processes took while trials ran, 0 to 1. Undefined where no
 * trial counted it.
 */
function othersShare({ records, machines }: ReportInput): number | undefined {
  const ncpu = new Map(machines.map(({ name, facts }) => [name, facts.ncpu]));
  let others_s = 0;
  let whole_s = 0;
  for (const record of records) {
    if (record.status !== "completed" || record.others_cpu_s === undefined) continue;
    others_s += record.others_cpu_s;
    whole_s += record.real_s * (ncpu.get(record.machine) ?? 1);
  }
  // Kernel ticks of short trials may add up to a little more than the whole.
  return whole_s === 0 ? undefined : Math.min(1, Math.max(0, others_s / whole_s));
}
