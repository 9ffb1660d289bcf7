// The table while its run goes on: medians of the records so far, in the layout of the final table. It has no
// intervals: they would slow what is timed, and tempt the user to stop on a chance result.

import { defined } from "../../domain/defined.ts";
import { exclusionReasonOf } from "../../analysis/comparison/kept-records.ts";
import { geometricMean, median } from "../../analysis/statistics/samples.ts";
import { displayTitle } from "../../domain/plan/user-command.ts";
import type { Plan, PlannedRow, PlannedSuite } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { CellView, RowGroup, TableLine, SpeedupView, TableView } from "./table-view.ts";

type Metric = "real" | "cpu";

/** One row on one side: the kept times so far, by machine. Seconds. */
interface RowOnSide {
  readonly machines: Map<string, Record<Metric, number[]>>;
  /** The driver and the work. A speedup is shown only where both sides have the same. */
  work?: string;
}

export class LiveTable {
  readonly #plan: Plan;
  readonly #sides: readonly string[];
  /** Undefined where the baseline was not measured, or is the only side. */
  readonly #baseline: string | undefined;
  readonly #parts = new Map<string, RowOnSide>();
  /** A cache of lines that did not change. */
  readonly #lines = new Map<string, TableLine>();
  /**
   * The rows that have a record, and the suites whose second round was begun. In such a suite, a row without a record
   * runs nowhere.
   */
  readonly #seen = new Set<string>();
  readonly #begun = new Set<string>();

  readonly #byCommand: boolean;

  /** `byCommand`: the sides of `plan` are commands. */
  constructor(plan: Plan, byCommand = false) {
    this.#byCommand = byCommand;
    this.#plan = plan;
    const { sides, baseline } = plan.spec;
    // Published figures are left out: they do not change, and the final table has them.
    this.#sides = sides.filter(({ kind }) => kind !== "published").map(({ name }) => name);
    this.#baseline = this.#sides.includes(baseline) ? baseline : undefined;
  }

  /** Adds `record`; returns whether it changed the table. */
  add(record: TrialRecord): boolean {
    const row = this.#row(record);
    if (row === undefined) return false;
    this.#seen.add(keyOf(record.suite, row, ""));
    if (record.round > 1) this.#begun.add(record.suite);
    if (record.round <= row.warmup) return false;
    if (record.status !== "completed" || exclusionReasonOf(record) !== null) return false;
    const { suite, side, machine, real_s, user_s, system_s, driver, work_id = "" } = record;
    const key = keyOf(suite, row, side);
    const part: RowOnSide = this.#parts.get(key) ?? { machines: new Map() };
    const times = part.machines.get(machine) ?? { real: [], cpu: [] };
    times.real.push(real_s);
    times.cpu.push(user_s + system_s);
    part.machines.set(machine, times);
    part.work = `${driver} ${work_id}`;
    this.#parts.set(key, part);
    this.#lines.delete(keyOf(suite, row, ""));
    return true;
  }

  /** Returns all rows in planned order, with `-` where there is nothing yet. */
  view(): TableView {
    const sides = this.#sides;
    const shown = ({ name }: PlannedSuite, row: PlannedRow): boolean =>
      !this.#begun.has(name) || this.#seen.has(keyOf(name, row, ""));
    return {
      header: "so far:",
      sides,
      contenders: this.#contenders(),
      heads: {},
      bare: false,
      showValues: true,
      soFar: true,
      ...(this.#byCommand || sides.length > 2 ? { layout: "stacked" as const } : {}),
      commands: this.#byCommand,
      ...defined({ baseline: this.#baseline }),
      groups: this.#plan.suites.map((suite): RowGroup => ({
        title: suite.name,
        lines: suite.rows.filter((row) => shown(suite, row)).map((row) => this.#line(suite, row)),
      })),
      overall: [],
      footer: [],
    };
  }

  #contenders(): string[] {
    return this.#baseline === undefined ? [] : this.#sides.filter((side) => side !== this.#baseline);
  }

  #line(suite: PlannedSuite, row: PlannedRow): TableLine {
    const key = keyOf(suite.name, row, "");
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const parts = new Map(this.#sides.map((side) => [side, this.#parts.get(keyOf(suite.name, row, side))]));
    const times = new Map(
      [...parts].map(([side, part]) => [side, { real: timeOf(part, "real"), cpu: timeOf(part, "cpu") }]),
    );
    const [base, base_s] = [parts.get(this.#baseline ?? ""), times.get(this.#baseline ?? "")];
    const title = displayTitle(row.title ?? row.name);
    const several = suite.rows.filter(({ name }) => name === row.name).length > 1;
    const speedups = this.#contenders().map((side) => {
      const same = base !== undefined && parts.get(side)?.work === base.work;
      const of = (metric: Metric): SpeedupView => speedup(same ? base_s?.[metric] : null, times.get(side)?.[metric]);
      return [side, { real: of("real"), cpu: of("cpu") }] as const;
    });
    const line: TableLine = {
      label: several ? `${title} ${row.impl}` : title,
      short: title,
      ...(several ? { impl: row.impl } : {}),
      cells: Object.fromEntries(
        [...times].map(([side, { real, cpu }]) => [side, { real: cell(real), cpu: cell(cpu) }]),
      ),
      speedups: Object.fromEntries(speedups),
    };
    this.#lines.set(key, line);
    return line;
  }

  #row({ suite, row, impl }: TrialRecord): PlannedRow | undefined {
    const planned = this.#plan.suites.find(({ name }) => name === suite);
    return planned?.rows.find((candidate) => candidate.name === row && candidate.impl === impl);
  }
}

function keyOf(suite: string, { name, impl }: PlannedRow, side: string): string {
  return `${suite}/${name}/${impl}/${side}`;
}

/** Returns the geometric mean of the machines' medians so far, in seconds; null where there is none. */
function timeOf(part: RowOnSide | undefined, metric: Metric): number | null {
  if (part === undefined) return null;
  return geometricMean([...part.machines.values()].map((times) => median(times[metric])));
}

function cell(time_s: number | null): CellView {
  return { time_s, mark: time_s === null ? "-" : "" };
}

function speedup(baseline_s: number | null | undefined, time_s: number | null | undefined): SpeedupView {
  const value = baseline_s == null || time_s == null || time_s === 0 ? null : baseline_s / time_s;
  return { value, lo: null, hi: null, verdict: "no-interval", instead: "-", marks: [] };
}
