// From what is told to what the table shows.

import type {
  CellResult as ComparedCell,
  ComparedRow,
  Geomean,
  Metric,
  SpeedupResult as ComparedSpeedup,
} from "../../analysis/comparison/comparison.ts";
import { oneCpuRange } from "../../analysis/comparison/bottleneck.ts";
import { closingLine } from "./closing-line.ts";
import { formatExtremes } from "../text/numbers.ts";
import { footerLines, Footnotes } from "./footer.ts";
import { noInterval } from "./cell-text.ts";
import { headerLine } from "./header.ts";
import { rowName } from "./row-names.ts";
import { commonValue, contenders, isMeasured, type ReportData } from "../report-data.ts";
import type { CellView, RowGroup, TableLine, SpeedupView, TableView } from "./table-view.ts";

/** `wide`: with the times of each side, however many there are. */
export function buildTableView(told: ReportData, wide = false): TableView {
  const { comparison } = told;
  const footnotes = new Footnotes();
  const marks = new Set<string>();
  const sides = comparison.sides;
  const bare = !sides.some((side) => isMeasured(told, side));
  const suites = [...new Set(comparison.rows.map((row) => row.suite))];
  const groups = suites.map((suite): RowGroup => {
    const rows = comparison.rows.filter((row) => row.suite === suite);
    const mean = comparison.geomeans.find((one) => one.suite === suite);
    return {
      title: `${suite}${busy(told, rows)}`,
      lines: [
        ...rows.map((row) => rowLine({ told, bare, footnotes, marks }, row)),
        ...(mean === undefined || rows.length < 2 ? [] : meanLines(told, mean.speedups, marks)),
      ],
    };
  });
  const all =
    suites.length > 1 ? comparison.geomeans.find((one) => one.suite === null && one.rows === undefined) : undefined;
  const computing = comparison.geomeans.find((one) => one.rows === "cpu-bound");
  const overall = [
    ...(all === undefined ? [] : meanLines(told, all.speedups, marks)),
    ...(computing === undefined ? [] : meanLines(told, computing.speedups, marks, "geomean, CPU-bound")),
  ];
  return {
    header: headerLine(told),
    sides,
    contenders: contenders(told),
    // The header says it of all of them.
    heads: bare ? Object.fromEntries(sides.map((side) => [side, side.replace(/^published:/, "")])) : {},
    bare,
    showValues: true,
    ...(told.by === "command" || (sides.length > 2 && !wide) ? { layout: "stacked" as const } : {}),
    commands: told.by === "command",
    baseline: comparison.baseline,
    groups,
    overall,
    footer: footerLines(told, footnotes, marks),
    ...(told.fastest === undefined ? {} : { closing: closingLine(told.fastest) }),
  };
}

/** ` (1 of 32 vCPUs busy)`, where that is the same throughout, and others left the rows as many as they would take. */
function busy({ machines, published = [], others_share = 0 }: ReportData, rows: readonly ComparedRow[]): string {
  if (others_share > 0.05) return "";
  const vcpus = commonValue([
    ...machines.map(({ facts }) => facts.ncpu),
    ...published.map(({ figures }) => figures.vcpus),
  ]);
  const cores = rows.flatMap((row) =>
    Object.values(row.cores_busy).flatMap((value) =>
      value === null ? [] : [value < oneCpuRange.least ? 0 : Math.round(value)],
    ),
  );
  const most = commonValue(cores);
  return vcpus === undefined || most === undefined ? "" : ` (${most === 0 ? "under 1" : most} of ${vcpus} vCPUs busy)`;
}

interface Around {
  readonly told: ReportData;
  readonly bare: boolean;
  readonly footnotes: Footnotes;
  readonly marks: Set<string>;
}

function rowLine({ told, bare, footnotes, marks }: Around, row: ComparedRow): TableLine {
  const { title, impl } = rowName(told, row);
  const explained = told.explanations[told.comparison.rows.indexOf(row)] ?? {};
  return {
    label: [title, impl].join(" ").trim(),
    short: title,
    ...(impl === "" ? {} : { impl }),
    cells: bySide(told.comparison.sides, (side, metric) =>
      cell(row.cells[side]?.[metric], rangeOf(told, row, side, metric), marks),
    ),
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

/** Least and greatest of the kept runs of `row` on `side`; undefined where none was kept. Seconds. */
function rangeOf(
  told: ReportData,
  row: ComparedRow,
  side: string,
  metric: Metric,
): readonly [number, number] | undefined {
  const runs = told.runs[told.comparison.rows.indexOf(row)] ?? [];
  const kept = runs.flatMap((run) => {
    const time_s = metric === "real" ? run.real_s : run.cpu_s;
    return run.side === side && run.left_out === null && time_s !== null ? [time_s] : [];
  });
  return kept.length === 0 ? undefined : [Math.min(...kept), Math.max(...kept)];
}

function cell(
  one: ComparedCell | undefined,
  range_s: readonly [number, number] | undefined,
  marks: Set<string>,
): CellView {
  if (one === undefined) return { time_s: null, mark: "-" };
  const mark = { ok: "", few: "!", short: "short", fail: "fail", "t/o": "t/o", tainted: "!", "not-run": "-" }[
    one.status
  ];
  if (mark === "!") marks.add(mark);
  const [machine, other] = one.machines;
  const { lo_s = null, hi_s = null } = other === undefined ? (machine ?? {}) : {};
  return {
    time_s: one.time_s,
    mark,
    ...(range_s === undefined || one.time_s === null ? {} : { range_s }),
    ...(lo_s === null || hi_s === null ? {} : { interval_s: [lo_s, hi_s] as const }),
  };
}

function faster(
  one: ComparedSpeedup | undefined,
  bare: boolean,
  daggers: readonly string[],
  marks: Set<string>,
): SpeedupView {
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
  told: ReportData,
  speedups: Readonly<Record<string, Readonly<Record<Metric, Geomean | null>>>>,
  marks: Set<string>,
  what = "geomean",
): TableLine[] {
  const counts = contenders(told).flatMap((side) =>
    Object.values(speedups[side] ?? {}).flatMap((one) => (one === null ? [] : [`${one.count} of ${one.of}`])),
  );
  if (counts.length === 0) return [];
  return [
    {
      label: `${what} (${[...new Set(counts)].join(", ")})`,
      short: `${what} ${[...new Set(counts)].join(", ").replaceAll(" of ", "/")}`,
      cells: {},
      speedups: bySide(contenders(told), (side, metric) => mean(speedups[side]?.[metric] ?? null, marks)),
    },
  ];
}

/** The range with one row left out stands where it is wider than the interval; alone where one row decides the side. */
function mean(one: Geomean | null, marks: Set<string>): SpeedupView {
  if (one === null) return { value: null, lo: null, hi: null, verdict: "failed", instead: "-", marks: [] };
  const [low, high] = one.leave_one_out ?? [one.value, one.value];
  if (one.decided_by_one_row) {
    marks.add("no mean");
    return {
      value: null,
      lo: null,
      hi: null,
      verdict: "none",
      instead: `- ${formatExtremes(low, high)}`,
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
