// The table while its run goes on: medians of the records so far, in the layout of the final table. It has no
// intervals: they would slow what is timed, and tempt the user to stop on a chance result.

import { defined } from "../../domain/defined.ts";
import { exclusionReasonOf } from "../../analysis/comparison/kept-records.ts";
import { geometricMean, middleOf } from "../../analysis/statistics/samples.ts";
import { displayTitle } from "../../domain/plan/user-command.ts";
import type { Plan, PlannedRow } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { CellView, RowGroup, TableLine, SpeedupView, TableView } from "./table-view.ts";

type Metric = "real" | "cpu";

/** One row of the table. */
interface LiveRow {
  readonly suite: LiveSuite;
  readonly row: PlannedRow;
  /** Whether it has a record. */
  isSeen: boolean;
  readonly sides: Map<string, RowOnSide>;
  /** What is drawn of it; undefined where a record came since then. */
  line: TableLine | undefined;
}

interface LiveSuite {
  readonly name: string;
  /** Whether its second round was begun: a row without a record then runs nowhere. */
  isBegun: boolean;
  readonly rows: LiveRow[];
}

/** One row on one side: the kept times so far, by machine, least first. Seconds. */
interface RowOnSide {
  readonly machines: Map<string, Record<Metric, number[]>>;
  /** The driver and the work. A speedup is shown only where both sides have the same. */
  work?: string;
}

export class LiveTable {
  readonly #sides: readonly string[];
  /** Undefined where the baseline was not measured, or is the only side. */
  readonly #baseline: string | undefined;
  readonly #suites: readonly LiveSuite[];
  readonly #rows = new Map<string, LiveRow>();
  readonly #byCommand: boolean;

  /** `byCommand`: the sides of `plan` are commands. */
  constructor(plan: Plan, byCommand = false) {
    this.#byCommand = byCommand;
    const { sides, baseline } = plan.spec;
    // Published figures are left out: they do not change, and the final table has them.
    this.#sides = sides.filter(({ kind }) => kind !== "published").map(({ name }) => name);
    this.#baseline = this.#sides.includes(baseline) ? baseline : undefined;
    this.#suites = plan.suites.map(({ name, rows }) => {
      const suite: LiveSuite = { name, isBegun: false, rows: [] };
      for (const row of rows) {
        const live = { suite, row, isSeen: false, sides: new Map(), line: undefined };
        suite.rows.push(live);
        this.#rows.set(keyOf(name, row.name, row.impl), live);
      }
      return suite;
    });
  }

  /** Adds `record`; returns whether it changed the table. */
  add(record: TrialRecord): boolean {
    const live = this.#rows.get(keyOf(record.suite, record.row, record.impl));
    if (live === undefined) return false;
    live.isSeen = true;
    if (record.round > 1) live.suite.isBegun = true;
    if (record.round <= live.row.warmup) return false;
    if (record.status !== "completed" || exclusionReasonOf(record) !== null) return false;
    const { side, machine, real_s, user_s, system_s, driver, work_id = "" } = record;
    const part: RowOnSide = live.sides.get(side) ?? { machines: new Map() };
    const times = part.machines.get(machine) ?? { real: [], cpu: [] };
    insert(times.real, real_s);
    insert(times.cpu, user_s + system_s);
    part.machines.set(machine, times);
    part.work = `${driver} ${work_id}`;
    live.sides.set(side, part);
    live.line = undefined;
    return true;
  }

  /** Returns all rows in planned order, with `-` where there is nothing yet. */
  view(): TableView {
    const sides = this.#sides;
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
      groups: this.#suites.map(({ name, isBegun, rows }): RowGroup => ({
        title: name,
        lines: rows.filter(({ isSeen }) => isSeen || !isBegun).map((row) => (row.line ??= this.#line(row))),
      })),
      overall: [],
      footer: [],
    };
  }

  #contenders(): string[] {
    return this.#baseline === undefined ? [] : this.#sides.filter((side) => side !== this.#baseline);
  }

  #line({ suite, row, sides: parts }: LiveRow): TableLine {
    const times = new Map(
      this.#sides.map((side) => {
        const part = parts.get(side);
        return [side, { real: timeOf(part, "real"), cpu: timeOf(part, "cpu") }];
      }),
    );
    const [base, base_s] = [parts.get(this.#baseline ?? ""), times.get(this.#baseline ?? "")];
    const title = displayTitle(row.title ?? row.name);
    const several = suite.rows.filter((other) => other.row.name === row.name).length > 1;
    const speedups = this.#contenders().map((side) => {
      const same = base !== undefined && parts.get(side)?.work === base.work;
      const of = (metric: Metric): SpeedupView => speedup(same ? base_s?.[metric] : null, times.get(side)?.[metric]);
      return [side, { real: of("real"), cpu: of("cpu") }] as const;
    });
    return {
      label: several ? `${title} ${row.impl}` : title,
      short: title,
      ...(several ? { impl: row.impl } : {}),
      cells: Object.fromEntries(
        [...times].map(([side, { real, cpu }]) => [side, { real: cell(real), cpu: cell(cpu) }]),
      ),
      speedups: Object.fromEntries(speedups),
    };
  }
}

function keyOf(suite: string, row: string, impl: string): string {
  return `${suite}/${row}/${impl}`;
}

/** Puts `value` into its place in `values`, which are sorted, so that a median needs no sorting. */
function insert(values: number[], value: number): void {
  let at = values.length;
  while (at > 0 && (values[at - 1] as number) > value) at -= 1;
  values.splice(at, 0, value);
}

/** Returns the geometric mean of the machines' medians so far, in seconds; null where there is none. */
function timeOf(part: RowOnSide | undefined, metric: Metric): number | null {
  if (part === undefined) return null;
  return geometricMean([...part.machines.values()].map((times) => middleOf(times[metric])));
}

function cell(time_s: number | null): CellView {
  return { time_s, mark: time_s === null ? "-" : "" };
}

function speedup(baseline_s: number | null | undefined, time_s: number | null | undefined): SpeedupView {
  const value = baseline_s == null || time_s == null || time_s === 0 ? null : baseline_s / time_s;
  return { value, lo: null, hi: null, verdict: "no-interval", instead: "-", marks: [] };
}
