// Makes the comparison that a report prints from records. A stored run can be analysed again, with another baseline.

import { TimetrialError } from "../../domain/errors.ts";
import { compareNames } from "../../domain/compare-names.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { type Bottleneck, bottleneckOf, isCpuBound } from "./bottleneck.ts";
import { cellOf } from "./cells.ts";
import type { ComparedRow, Comparison, Metric, SuiteGeomean } from "./comparison.ts";
import { taintContradictions } from "./contradictions.ts";
import { geomeanOver, type PairTests, pairTests, speedupOn } from "../compare-tests/pair-tests.ts";
import { type PairedRow, pairedRows, type Pairing } from "./paired-rows.ts";
import { leftOutOf, rowNotes, tableNotes } from "./table-notes.ts";

/** Options of an analysis: the sides in the order of the table, the planned rows, their warm-up, and the baseline. */
export interface AnalyseOptions extends Pairing {
  /** Name of the baseline, one of `sides`. */
  readonly baseline: string;
  /** Returns the number of CPUs of each machine of a side; absent or undefined: not known. */
  readonly vcpus?: (side: string) => number | undefined;
  /** Whether all sides are the same machines: then no note states the scope of a claim. */
  readonly sameMachines?: boolean;
}

/**
 * Compares each side of the records `given` with the baseline (the method: docs/statistics.md).
 *
 * @throws TimetrialError BASELINE_UNKNOWN where the baseline is not one of the sides.
 * @example
 * import { analyse } from "timetrial";
 * import { resultFolders } from "timetrial/adapters";
 *
 * const { plan, records } = await resultFolders("results").load("20261124-031500-3fa9");
 * const rows = plan.suites.flatMap((suite) =>
 *   suite.rows.map(({ name, impl, warmup }) => ({ suite: suite.name, row: name, impl, warmup })),
 * );
 * const comparison = await analyse(records, {
 *   sides: plan.spec.sides.map(({ name }) => name),
 *   baseline: plan.spec.baseline,
 *   rows,
 *   warmup: (suite, row, impl) =>
 *     rows.find((one) => one.suite === suite && one.row === row && one.impl === impl)?.warmup ?? 0,
 * });
 * console.log(comparison.geomeans);
 */
export async function analyse(given: readonly AnyRecord[], options: AnalyseOptions): Promise<Comparison> {
  const { sides, baseline } = options;
  if (!sides.includes(baseline)) throw baselineUnknown(sides, baseline);
  const records = taintContradictions(given);
  const rows = pairedRows(records, options);
  const pairs = await comparedPairs(records, rows, options);
  const compared = rows.map((row) => comparedRow(row, options, pairs));
  const bounds = compared.map(({ bound }) => Object.values(bound));
  // Where other processes used the CPUs, it is not known which rows would have waited without them.
  const isKnown = !bounds.flat().includes("unclear");
  const computing = rows.filter((_, i) => isKnown && bounds[i]?.every(computesOrAbsent) === true);
  return {
    schema: 1,
    baseline,
    sides,
    machines: bySide(sides, (side) => machineNames(records, side)),
    rows: compared,
    geomeans: [
      ...(await geomeans(rows, pairs)),
      ...(computing.length === 0 || computing.length === rows.length
        ? []
        : [{ ...(await geomeanOf(computing, null, pairs)), rows: "cpu-bound" as const }]),
    ],
    left_out: leftOutOf(
      compared.flatMap(({ cells }) => measured(records, sides).flatMap((side) => cells[side]?.real ?? [])),
    ),
    notes: tableNotes(rows, options.sameMachines === true ? [] : pairs.flatMap(({ real, cpu }) => [real, cpu])),
  };
}

type PairByMetric = Readonly<Record<Metric, PairTests>>;

/** Evaluates and judges the tests of each side against the baseline, in both metrics. */
export async function comparedPairs(
  records: readonly AnyRecord[],
  rows: readonly PairedRow[],
  { sides, baseline }: Pick<AnalyseOptions, "sides" | "baseline">,
): Promise<PairByMetric[]> {
  return await Promise.all(
    sides
      .filter((side) => side !== baseline)
      .map((contender) =>
        comparedPair(rows, { baseline, contender, sharedHost: shareHost(records, [baseline, contender]) }),
      ),
  );
}

async function comparedPair(rows: readonly PairedRow[], pair: PairTests["pair"]): Promise<PairByMetric> {
  const [real, cpu] = await Promise.all([pairTests(rows, pair, "real"), pairTests(rows, pair, "cpu")]);
  return { real, cpu };
}

function comparedRow(row: PairedRow, options: AnalyseOptions, pairs: readonly PairByMetric[]): ComparedRow {
  const { sides, vcpus } = options;
  const { suite, impl, driver, params, work_id } = row;
  const cells = bySide(sides, (side) => {
    const machines = row.sides.get(side) ?? [];
    return { real: cellOf(machines, "real"), cpu: cellOf(machines, "cpu") };
  });
  return {
    suite,
    row: row.row,
    impl,
    driver,
    params,
    work_id,
    cells,
    speedups: byContender(pairs, ({ real, cpu }) => ({ real: speedupOn(row, real), cpu: speedupOn(row, cpu) })),
    cores_busy: bySide(sides, (side) => coresBusy(cells[side])),
    bound: bySide(sides, (side) => {
      const of = vcpus?.(side);
      return bottleneckOf({ cores_busy: coresBusy(cells[side]), vcpus: of, others_share: othersShare(row, side, of) });
    }),
    notes: rowNotes(
      row,
      bySide(sides, (side) => (cells[side] as (typeof cells)[string]).real),
    ),
  };
}

function coresBusy(cells: ComparedRow["cells"][string] | undefined): number | null {
  const [real, cpu] = [cells?.real.time_s ?? null, cells?.cpu.time_s ?? null];
  return real === null || cpu === null ? null : cpu / real;
}

/** Returns the share of the machines' CPU that other processes used while the row ran on `side`, 0 to 1. */
function othersShare(row: PairedRow, side: string, vcpus: number | undefined): number | undefined {
  const counted = (row.sides.get(side) ?? [])
    .flatMap(({ trials }) => trials)
    .flatMap((record) =>
      record.status === "completed" && record.others_cpu_s !== undefined
        ? [[record.others_cpu_s, record.real_s] as const]
        : [],
    );
  const sum = (of: 0 | 1): number => counted.reduce((total, times) => total + times[of], 0);
  return vcpus === undefined || sum(1) === 0 ? undefined : sum(0) / (sum(1) * vcpus);
}

/** Whether the row is CPU-bound on a side, or did not run there. */
function computesOrAbsent(bound: Bottleneck | null): boolean {
  return bound === null || isCpuBound(bound);
}

async function geomeans(rows: readonly PairedRow[], pairs: readonly PairByMetric[]): Promise<SuiteGeomean[]> {
  const suites = [...new Set(rows.map(({ suite }) => suite))];
  const all = suites.length > 1 ? [...suites, null] : suites;
  return Promise.all(
    all.map((suite) =>
      geomeanOf(
        rows.filter((row) => suite === null || row.suite === suite),
        suite,
        pairs,
      ),
    ),
  );
}

async function geomeanOf(
  over: readonly PairedRow[],
  suite: string | null,
  pairs: readonly PairByMetric[],
): Promise<SuiteGeomean> {
  const found = pairs.map(async ({ real, cpu }) => {
    const [ofReal, ofCpu] = await Promise.all([geomeanOver(over, real), geomeanOver(over, cpu)]);
    return [real.pair.contender, { real: ofReal, cpu: ofCpu }] as const;
  });
  return { suite, speedups: Object.fromEntries(await Promise.all(found)) };
}

/** Whether any two machines of `sides` with records share a host, on the same side or on different ones. */
function shareHost(records: readonly AnyRecord[], sides: readonly string[]): boolean {
  const hosts = new Map(
    records
      .filter(({ side, status }) => sides.includes(side) && status !== "skipped")
      .map(({ side, machine, host_id }) => [JSON.stringify([side, machine]), host_id]),
  );
  return new Set(hosts.values()).size < hosts.size;
}

/** Returns the sides that ran something, without published sides. */
function measured(records: readonly AnyRecord[], sides: readonly string[]): string[] {
  const published = new Set(records.filter(({ status }) => status === "published").map(({ side }) => side));
  return sides.filter((side) => !published.has(side));
}

function machineNames(records: readonly AnyRecord[], side: string): string[] {
  return [...new Set(records.filter((record) => record.side === side).map(({ machine }) => machine))].toSorted(
    compareNames,
  );
}

function bySide<T>(sides: readonly string[], value: (side: string) => T): Record<string, T> {
  return Object.fromEntries(sides.map((side) => [side, value(side)]));
}

function byContender<T>(pairs: readonly PairByMetric[], value: (pair: PairByMetric) => T): Record<string, T> {
  return Object.fromEntries(pairs.map((pair) => [pair.real.pair.contender, value(pair)]));
}

function baselineUnknown(sides: readonly string[], baseline: string): TimetrialError {
  return new TimetrialError("BASELINE_UNKNOWN", `baseline: the run has no side ${JSON.stringify(baseline)}`, {
    hint: `its sides are ${sides.join(", ")}`,
  });
}
