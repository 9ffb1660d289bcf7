// Converts the data of a report to what the table shows.

import type {
  CellResult as ComparedCell,
  CellStatus,
  ComparedRow,
  Geomean,
  Metric,
  SpeedupResult as ComparedSpeedup,
} from "../../analysis/comparison/comparison.ts";
import { oneCpuRange, othersMatter } from "../../analysis/comparison/bottleneck.ts";
import { closingLine } from "./closing-line.ts";
import { formatExtremes } from "../text/numbers.ts";
import { footerLines, Footnotes } from "./footer.ts";
import { gateFooter } from "../gate/gate-text.ts";
import { noInterval } from "./cell-text.ts";
import type { TableMark } from "./marks.ts";
import { headerLine } from "./header.ts";
import { rowName } from "./row-names.ts";
import { commonValue, contenders, isMeasured, isRanked, type ReportData } from "../report-data.ts";
import type { CellView, RowGroup, TableLine, SpeedupView, TableView } from "./table-view.ts";

/** Returns the view of `report`. `wide`: with the times of each side, for any number of sides. */
export function buildTableView(report: ReportData, wide = false): TableView {
  const { comparison } = report;
  const footnotes = new Footnotes();
  const marks = new Set<string>();
  const sides = comparison.sides;
  const bare = !sides.some((side) => isMeasured(report, side));
  const suites = [...new Set(comparison.rows.map((row) => row.suite))];
  const groups = suites.map((suite): RowGroup => {
    const rows = comparison.rows.filter((row) => row.suite === suite);
    const mean = comparison.geomeans.find((geomean) => geomean.suite === suite);
    return {
      title: `${suite}${busy(report, rows)}`,
      lines: [
        ...rows.map((row) => rowLine({ report, bare, footnotes, marks }, row)),
        ...(mean === undefined || rows.length < 2 ? [] : meanLines(report, mean.speedups, marks)),
      ],
    };
  });
  const all =
    suites.length > 1
      ? comparison.geomeans.find((geomean) => geomean.suite === null && geomean.rows === undefined)
      : undefined;
  const computing = comparison.geomeans.find((geomean) => geomean.rows === "cpu-bound");
  const overall = [
    ...(all === undefined ? [] : meanLines(report, all.speedups, marks)),
    ...(computing === undefined ? [] : meanLines(report, computing.speedups, marks, "geomean, CPU-bound")),
  ];
  // The matrix of a ranking has no ranges.
  if (isRanked(report) && !wide) marks.delete("(a-b)");
  return {
    header: headerLine(report),
    sides,
    contenders: contenders(report),
    // The header says once that all sides are published.
    heads: bare ? Object.fromEntries(sides.map((side) => [side, side.replace(/^published:/, "")])) : {},
    bare,
    showValues: true,
    ...(report.by === "command" || (sides.length > 2 && !wide) ? { layout: "stacked" as const } : {}),
    commands: report.by === "command",
    baseline: comparison.baseline,
    groups,
    overall,
    footer: footerLines(report, footnotes, marks),
    ...(report.fastest === undefined ? {} : { closing: closingLine(report.fastest) }),
    ...(report.gate === undefined ? {} : { gate: gateFooter(report) }),
  };
}

/**
 * Returns ` (1 of 32 vCPUs busy)` where the number is the same throughout, and other processes left the rows all the
 * CPUs that they would use.
 */
function busy({ machines, published = [], others_share = 0 }: ReportData, rows: readonly ComparedRow[]): string {
  if (others_share > othersMatter) return "";
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

interface RowContext {
  readonly report: ReportData;
  readonly bare: boolean;
  readonly footnotes: Footnotes;
  readonly marks: Set<string>;
}

function rowLine({ report, bare, footnotes, marks }: RowContext, row: ComparedRow): TableLine {
  const { title, impl } = rowName(report, row);
  const explained = report.explanations[report.comparison.rows.indexOf(row)] ?? {};
  return {
    label: [title, impl].join(" ").trim(),
    short: title,
    ...(impl === "" ? {} : { impl }),
    cells: bySide(report.comparison.sides, (side, metric) =>
      cell(row.cells[side]?.[metric], rangeOf(report, row, side, metric), marks),
    ),
    speedups: bySide(contenders(report), (side, metric) => {
      const remarks = (report.remarks ?? []).filter(
        (remark) => remark.row === row && remark.contender === side && remark.metric === metric,
      );
      const daggers = [
        ...(explained[side] ?? []).map((explanation) => footnotes.mark(explanation)),
        ...remarks.map(({ text }) => footnotes.markOf(text)),
      ];
      return faster(row.speedups[side]?.[metric], bare, daggers, marks);
    }),
  };
}

/**
 * Returns the least and the greatest of the kept runs of `row` on `side`, in seconds. Undefined where none was kept.
 */
function rangeOf(
  report: ReportData,
  row: ComparedRow,
  side: string,
  metric: Metric,
): readonly [number, number] | undefined {
  return report.runs[report.comparison.rows.indexOf(row)]?.range(side, metric);
}

function cell(
  result: ComparedCell | undefined,
  range_s: readonly [number, number] | undefined,
  marks: Set<string>,
): CellView {
  if (result === undefined) return { time_s: null, mark: "-" };
  const mark = markByStatus[result.status];
  if (mark === "!") marks.add(mark);
  const [machine, other] = result.machines;
  const { lo_s = null, hi_s = null } = other === undefined ? (machine ?? {}) : {};
  return {
    time_s: result.time_s,
    mark,
    ...(range_s === undefined || result.time_s === null ? {} : { range_s }),
    ...(lo_s === null || hi_s === null ? {} : { interval_s: [lo_s, hi_s] as const }),
  };
}

const markByStatus: Readonly<Record<CellStatus, TableMark | "">> = {
  ok: "",
  few: "!",
  short: "short",
  fail: "fail",
  "t/o": "t/o",
  tainted: "!",
  "not-run": "-",
};

function faster(
  speedup: ComparedSpeedup | undefined,
  bare: boolean,
  daggers: readonly string[],
  marks: Set<string>,
): SpeedupView {
  if (speedup === undefined) return { value: null, lo: null, hi: null, verdict: "failed", instead: "-", marks: [] };
  const lone = speedup.value !== null && speedup.lo === null;
  if (lone) marks.add(noInterval);
  if (speedup.verdict === "none" && !lone) marks.add("~");
  const own = speedup.value === null ? [] : [...(lone && !bare ? [noInterval] : []), ...daggers];
  return {
    value: speedup.value,
    lo: speedup.lo,
    hi: speedup.hi,
    verdict: speedup.verdict,
    instead: speedup.verdict === "too-short" ? "short" : "-",
    marks: own,
  };
}

function meanLines(
  report: ReportData,
  speedups: Readonly<Record<string, Readonly<Record<Metric, Geomean | null>>>>,
  marks: Set<string>,
  what = "geomean",
): TableLine[] {
  const counts = contenders(report).flatMap((side) =>
    Object.values(speedups[side] ?? {}).flatMap((one) => (one === null ? [] : [`${one.count} of ${one.of}`])),
  );
  if (counts.length === 0) return [];
  return [
    {
      label: `${what} (${[...new Set(counts)].join(", ")})`,
      short: `${what} ${[...new Set(counts)].join(", ").replaceAll(" of ", "/")}`,
      cells: {},
      speedups: bySide(contenders(report), (side, metric) => mean(speedups[side]?.[metric] ?? null, marks)),
    },
  ];
}

/**
 * Returns the view of a mean. The range with one row left out is shown where it is wider than the interval; it is shown
 * alone where one row decides which side is faster.
 */
function mean(geomean: Geomean | null, marks: Set<string>): SpeedupView {
  if (geomean === null) return { value: null, lo: null, hi: null, verdict: "failed", instead: "-", marks: [] };
  const [low, high] = geomean.leave_one_out ?? [geomean.value, geomean.value];
  if (geomean.decided_by_one_row) {
    marks.add("no mean").add("(a-b)");
    return {
      value: null,
      lo: null,
      hi: null,
      verdict: "none",
      instead: `- ${formatExtremes(low, high)}`,
      marks: [],
    };
  }
  const wider = geomean.lo === null || geomean.hi === null || high / low > geomean.hi / geomean.lo;
  if (wider && geomean.leave_one_out !== null) marks.add("(a-b)");
  const [lo, hi] = wider ? [low, high] : [geomean.lo, geomean.hi];
  return {
    value: geomean.value,
    lo: geomean.leave_one_out === null && wider ? null : lo,
    hi: geomean.leave_one_out === null && wider ? null : hi,
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
