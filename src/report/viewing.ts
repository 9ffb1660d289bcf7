// From what is told to what the table shows.

import type {
  Cell as ComparedCell,
  ComparedRow,
  Geomean,
  Metric,
  Speedup as ComparedSpeedup,
} from "../analysis/comparison.ts";
import { footer, Footnotes } from "./footer.ts";
import { noInterval } from "./texts.ts";
import { shownTitle } from "../domain/command.ts";
import { header } from "./header.ts";
import { common, contenders, isMeasured, titleOf, type Told } from "./told.ts";
import type { Cell, Group, Line, Speedup, View } from "./view.ts";

/** `wide`: with the times of each side, however many there are. */
export function viewOf(told: Told, wide = false): View {
  const { comparison } = told;
  const footnotes = new Footnotes();
  const marks = new Set<string>();
  const sides = comparison.sides;
  const bare = !sides.some((side) => isMeasured(told, side));
  const suites = [...new Set(comparison.rows.map((row) => row.suite))];
  const groups = suites.map((suite): Group => {
    const rows = comparison.rows.filter((row) => row.suite === suite);
    const mean = comparison.geomeans.find((one) => one.suite === suite);
    return {
      title: `${suite}${busy(told, rows)}`,
      lines: [
        ...rows.map((row) => rowLine({ told, inSuite: rows, bare, footnotes, marks }, row)),
        ...(mean === undefined || rows.length < 2 ? [] : meanLines(told, mean.speedups, marks)),
      ],
    };
  });
  const all = suites.length > 1 ? comparison.geomeans.find((one) => one.suite === null) : undefined;
  const overall = all === undefined ? [] : meanLines(told, all.speedups, marks);
  return {
    header: header(told),
    sides,
    contenders: contenders(told),
    // The header says it of all of them.
    heads: bare ? Object.fromEntries(sides.map((side) => [side, side.replace(/^published:/, "")])) : {},
    bare,
    showValues: wide || sides.length <= 2,
    groups,
    overall,
    footer: footer(told, footnotes, marks),
  };
}

/** ` (1 of 32 vCPUs busy)`, where that is the same throughout. */
function busy({ machines, published = [] }: Told, rows: readonly ComparedRow[]): string {
  const vcpus = common([...machines.map(({ facts }) => facts.ncpu), ...published.map(({ figures }) => figures.vcpus)]);
  const cores = rows.flatMap((row) =>
    Object.values(row.cores_busy).flatMap((value) => (value === null ? [] : [Math.max(1, Math.round(value))])),
  );
  const most = common(cores);
  return vcpus === undefined || most === undefined ? "" : ` (${most} of ${vcpus} vCPUs busy)`;
}

interface Around {
  readonly told: Told;
  readonly inSuite: readonly ComparedRow[];
  readonly bare: boolean;
  readonly footnotes: Footnotes;
  readonly marks: Set<string>;
}

function rowLine({ told, inSuite, bare, footnotes, marks }: Around, row: ComparedRow): Line {
  const alike = inSuite.filter((other) => other.row === row.row);
  const twins = alike.filter((other) => other.impl === row.impl);
  const impl = [...(alike.length > 1 ? [row.impl] : []), ...apart(row, twins)].join(" ");
  const title = shownTitle(titleOf(told, row) ?? row.row);
  const explained = told.explanations[told.comparison.rows.indexOf(row)] ?? {};
  return {
    label: [title, impl].join(" ").trim(),
    short: title,
    ...(impl === "" ? {} : { impl }),
    cells: bySide(told.comparison.sides, (side, metric) => cell(row.cells[side]?.[metric])),
    speedups: bySide(contenders(told), (side, metric) => {
      const remarks = (told.remarks ?? []).filter(
        (one) => one.row === row && one.contender === side && one.metric === metric,
      );
      const daggers = [
        ...(explained[side] ?? []).map((one) => footnotes.mark(one)),
        ...remarks.map(({ text }) => footnotes.markOf(text)),
      ];
      return faster(row.speedups[side]?.[metric], bare, daggers, marks);
    }),
  };
}

/** What tells `row` from `twins`, rows of the same name: its driver, its parameters, and where they do not, its work. */
function apart(row: ComparedRow, twins: readonly ComparedRow[]): string[] {
  const params = Object.entries(row.params).filter(
    ([name]) => new Set(twins.flatMap((twin) => twin.params[name] ?? [])).size > 1,
  );
  const told = [
    ...(common(twins.map(({ driver }) => driver)) === undefined ? [row.driver] : []),
    ...params.map(([name, value]) => shownTitle(`${name}=${value}`)),
  ];
  const alike = twins.filter(
    (twin) => twin.driver === row.driver && params.every(([name, value]) => twin.params[name] === value),
  );
  return alike.length > 1 && row.work_id !== null ? [...told, `work ${shownTitle(row.work_id).slice(0, 12)}`] : told;
}

function cell(one: ComparedCell | undefined): Cell {
  if (one === undefined) return { time_s: null, mark: "-" };
  const mark = { ok: "", few: "!", short: "short", fail: "fail", "t/o": "t/o", tainted: "!", "not-run": "-" }[
    one.status
  ];
  return { time_s: one.time_s, mark };
}

function faster(
  one: ComparedSpeedup | undefined,
  bare: boolean,
  daggers: readonly string[],
  marks: Set<string>,
): Speedup {
  if (one === undefined) return { value: null, lo: null, hi: null, verdict: "failed", instead: "-", marks: [] };
  const lone = one.value !== null && one.lo === null;
  if (lone) marks.add(noInterval);
  if (one.verdict === "none" && !lone) marks.add("~");
  const own = one.value === null ? [] : [...(lone && !bare ? [noInterval] : []), ...daggers];
  return {
    value: one.value,
    lo: one.lo,
    hi: one.hi,
    verdict: one.verdict,
    instead: one.verdict === "too-short" ? "short" : "-",
    marks: own,
  };
}

function meanLines(
  told: Told,
  speedups: Readonly<Record<string, Readonly<Record<Metric, Geomean | null>>>>,
  marks: Set<string>,
): Line[] {
  const counts = contenders(told).flatMap((side) =>
    Object.values(speedups[side] ?? {}).flatMap((one) => (one === null ? [] : [`${one.count} of ${one.of}`])),
  );
  if (counts.length === 0) return [];
  return [
    {
      label: `geomean (${[...new Set(counts)].join(", ")})`,
      short: `geomean ${[...new Set(counts)].join(", ").replaceAll(" of ", "/")}`,
      cells: {},
      speedups: bySide(contenders(told), (side, metric) => mean(speedups[side]?.[metric] ?? null, marks)),
    },
  ];
}

/** The range with one row left out stands where it is wider than the interval; alone where one row decides the side. */
function mean(one: Geomean | null, marks: Set<string>): Speedup {
  if (one === null) return { value: null, lo: null, hi: null, verdict: "failed", instead: "-", marks: [] };
  const [low, high] = one.leave_one_out ?? [one.value, one.value];
  if (one.decided_by_one_row) {
    marks.add("no mean");
    return {
      value: null,
      lo: null,
      hi: null,
      verdict: "none",
      instead: `- (${low.toFixed(2)}-${high.toFixed(2)})`,
      marks: [],
    };
  }
  const wider = one.lo === null || one.hi === null || high / low > one.hi / one.lo;
  if (wider && one.leave_one_out !== null) marks.add("(a-b)");
  const [lo, hi] = wider ? [low, high] : [one.lo, one.hi];
  return {
    value: one.value,
    lo: one.leave_one_out === null && wider ? null : lo,
    hi: one.leave_one_out === null && wider ? null : hi,
    verdict: wider ? "leave-one-out" : "mean",
    instead: "",
    marks: [],
  };
}

function bySide<T>(
  sides: readonly string[],
  of: (side: string, metric: Metric) => T,
): Record<string, { real: T; cpu: T }> {
  return Object.fromEntries(sides.map((side) => [side, { real: of(side, "real"), cpu: of(side, "cpu") }]));
}
