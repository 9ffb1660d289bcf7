// Makes the comparison that a report prints from records. A stored run can be analysed again, with another baseline.

import { TimetrialError } from "../../domain/errors.ts";
import { compareNames } from "../../domain/compare-names.ts";
import { defined } from "../../domain/defined.ts";
import type { RecordColumns, Records } from "../../domain/records/record-columns.ts";
import { groupsOf } from "../../domain/records/record-groups.ts";
import type { AnyRecord } from "../../domain/published/figures.ts";
import { type Bottleneck, bottleneckOf, isCpuBound } from "./bottleneck.ts";
import { cellOf } from "./cells.ts";
import type { ComparedRow, Comparison, Metric, SuiteGeomean } from "./comparison.ts";
import { JudgedRecords } from "./kept-records.ts";
import { geomeanOver, type PairTests, pairTests, speedupOn } from "../compare-tests/pair-tests.ts";
import { leastRanked } from "../ranking/ranking.ts";
import { scoreTable } from "../ranking/side-scores.ts";
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
export async function analyse(given: Records<AnyRecord>, options: AnalyseOptions): Promise<Comparison> {
  const records = new JudgedRecords(given);
  const rows = pairedRows(records, options);
  return await compareRows(records, rows, await comparedPairs(records, rows, options), options);
}

/** Compares the sides of `rows`, which are those of `records`, by the tests of `comparedPairs`. */
export async function compareRows(
  records: JudgedRecords,
  rows: readonly PairedRow[],
  { machines, pairs }: ComparedPairs,
  options: AnalyseOptions,
): Promise<Comparison> {
  const { sides, baseline } = options;
  const published = publishedSides(records);
  const compared = rows.map((row) => comparedRow(row, options, pairs));
  const bounds = compared.map(({ bound }) => Object.values(bound));
  // Where other processes used the CPUs, it is not known which rows would have waited without them.
  const isKnown = !bounds.flat().includes("unclear");
  const computing = rows.filter((_, i) => isKnown && bounds[i]?.every(computesOrAbsent) === true);
  return {
    schema: 1,
    baseline,
    sides,
    machines: bySide(sides, (side) => (machines.get(side) ?? []).map(({ machine }) => machine)),
    rows: compared,
    geomeans: [
      ...(await geomeans(rows, pairs)),
      ...(computing.length === 0 || computing.length === rows.length
        ? []
        : [{ ...(await geomeanOf(computing, null, pairs)), rows: "cpu-bound" as const }]),
    ],
    ...(sides.length < leastRanked
      ? {}
      : { scores: await scoresOf({ rows, compared, baseline, sides, sharedHost: shareHost(machines, sides) }, pairs) }),
    left_out: leftOutOf(
      compared.flatMap(({ cells }) =>
        sides.filter((side) => !published.has(side)).flatMap((side) => cells[side]?.real ?? []),
      ),
    ),
    notes: tableNotes(rows, options.sameMachines === true ? [] : pairs.flatMap(({ real, cpu }) => [real, cpu])),
  };
}

/** The tests of one side against the baseline. */
export type PairByMetric = Readonly<Record<Metric, PairTests>>;

/** The tests of each side against the baseline, and the machines that they are of. */
export interface ComparedPairs {
  readonly machines: ReadonlyMap<string, readonly MachineWithHost[]>;
  readonly pairs: readonly PairByMetric[];
}

/**
 * Evaluates and judges the tests of each side against the baseline, in both metrics.
 *
 * @throws TimetrialError BASELINE_UNKNOWN as `analyse` does
 */
export async function comparedPairs(
  records: JudgedRecords,
  rows: readonly PairedRow[],
  { sides, baseline, looks }: Pick<AnalyseOptions, "sides" | "baseline" | "looks">,
): Promise<ComparedPairs> {
  if (!sides.includes(baseline)) throw baselineUnknown(sides, baseline);
  const machines = machinesBySide(records.columns);
  const pairs = await Promise.all(
    sides
      .filter((side) => side !== baseline)
      .map((contender) =>
        comparedPair(rows, {
          baseline,
          contender,
          sharedHost: shareHost(machines, [baseline, contender]),
          ...defined({ looks }),
        }),
      ),
  );
  return { machines, pairs };
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
  if (vcpus === undefined) return undefined;
  let [others_s, real_s] = [0, 0];
  for (const { records, trials } of row.sides.get(side) ?? []) {
    const others = records.numbers("others_cpu_s", trials);
    const real = records.numbers("real_s", trials);
    for (let k = 0; k < trials.length; k++) {
      if (Number.isNaN(others[k]) || !records.isCompleted(trials[k] as number)) continue;
      others_s += others[k] as number;
      real_s += real[k] as number;
    }
  }
  return real_s === 0 ? undefined : others_s / (real_s * vcpus);
}

/** Whether the row is CPU-bound on a side, or did not run there. */
function computesOrAbsent(bound: Bottleneck | null): boolean {
  return bound === null || isCpuBound(bound);
}

async function scoresOf(
  about: Omit<Parameters<typeof scoreTable>[0], "metric">,
  pairs: readonly PairByMetric[],
): Promise<NonNullable<Comparison["scores"]>> {
  const [real, cpu] = await Promise.all(
    (["real", "cpu"] as const).map((metric) =>
      scoreTable(
        { ...about, metric },
        pairs.map((pair) => pair[metric]),
      ),
    ),
  );
  return { real, cpu } as NonNullable<Comparison["scores"]>;
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

/** A machine with records, and the host of the last of its trials that was not skipped. */
interface MachineWithHost {
  readonly machine: string;
  readonly host?: string;
}

/** Returns the machines with records of each side, by name. */
function machinesBySide(records: RecordColumns): Map<string, MachineWithHost[]> {
  const [side, machine, host, status] = records.words("side", "machine", "host_id", "status");
  const skipped = status.find("skipped") ?? -1;
  const groups = groupsOf(records, ["side", "machine"]);
  const { first, last } = records.kinds;
  const found: { side: string; machine: string; host: number; last: number }[] = [];
  for (const [kind, i] of first.entries()) {
    const known = (found[groups(i) - 1] ??= { side: side.word(i), machine: machine.word(i), host: 0, last: -1 });
    const latest = last[kind] as number;
    if (status.id(i) !== skipped && latest > known.last) Object.assign(known, { host: host.id(i), last: latest });
  }
  const sides = new Map<string, MachineWithHost[]>();
  for (const { side: name, machine: of, host: id } of found.toSorted((a, b) => compareNames(a.machine, b.machine))) {
    const own = { machine: of, ...defined({ host: host.values[id] }) };
    const known = sides.get(name);
    if (known === undefined) sides.set(name, [own]);
    else known.push(own);
  }
  return sides;
}

/** Whether any two machines of `sides` that ran something share a host, on the same side or on different ones. */
function shareHost(machines: ReadonlyMap<string, readonly MachineWithHost[]>, sides: readonly string[]): boolean {
  const hosts = sides.flatMap((side) => (machines.get(side) ?? []).flatMap(({ host }) => host ?? []));
  return new Set(hosts).size < hosts.length;
}

/** Returns the sides with published figures. */
function publishedSides(records: JudgedRecords): Set<string> {
  const [side, status] = [records.columns.word("side"), records.columns.word("status")];
  const found = new Set<string>();
  if (status.find("published") === undefined) return found;
  for (const i of records.columns.kinds.first) if (records.isPublished(i)) found.add(side.word(i));
  return found;
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
