// Formats the runs in Go's benchmark format, which golang.org/x/perf's benchstat and similar tools read (specification:
// golang.org/design/14313-benchmark-format). There is one result for each kept run. A `side` key distinguishes the
// sides:
//
//     benchstat -col side FILE
//
// benchstat knows no machines: it treats all runs of a side as independent.

import { printable } from "../../domain/printable.ts";
import type { RowRun } from "../../analysis/comparison/row-runs.ts";
import { rowTitle, type ReportData } from "../report-data.ts";

/** Returns the runs of `report` as benchmark results, ended by a line end. Times in nanoseconds. */
export function benchstat(report: ReportData): string {
  const { comparison, plan } = report;
  const lines = [`tool: timetrial ${oneLine(plan.tool_version)}`, `run: ${plan.run}`];
  for (const side of comparison.sides) {
    lines.push("", `side: ${oneLine(side)}`);
    let suite: string | undefined;
    for (const [i, row] of comparison.rows.entries()) {
      const results = runsOf(report, i, side).flatMap((run) => {
        if (run.left_out !== null) return [];
        const rests = (metric: "real" | "cpu") =>
          row.cells[side]?.[metric].machines.some((one) => one.machine === run.machine);
        const values = [
          ...(rests("real") === true && run.real_s !== null ? [`${nanoseconds(run.real_s)} ns/op`] : []),
          ...(rests("cpu") === true && run.cpu_s !== null ? [`${nanoseconds(run.cpu_s)} cpu-ns/op`] : []),
        ];
        return values.length === 0
          ? []
          : [
              [
                `Benchmark${name(rowTitle(report, row) ?? row.row)}/impl=${word(row.impl)}/driver=${word(row.driver)}`,
                1,
                ...values,
              ].join(" "),
            ];
      });
      if (results.length > 0 && suite !== row.suite) {
        suite = row.suite;
        lines.push(`pkg: ${oneLine(suite)}`);
      }
      lines.push(...results);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Returns the runs of row `i` on `side`. */
function runsOf({ runs, comparison }: ReportData, i: number, side: string): RowRun[] {
  return (comparison.machines[side] ?? []).flatMap((machine) => runs[i]?.of(side, machine) ?? []);
}

function nanoseconds(time_s: number): number {
  return Math.round(time_s * 1e9);
}

/**
 * Returns `title` as a benchmark's name. Such a name may not begin with a small letter and holds no blank; a slash
 * would begin its parameters.
 */
function name(title: string): string {
  const text = word(title).replaceAll("/", "|");
  const [first = "", ...rest] = Array.from(text);
  const upper = first.toUpperCase();
  return `${upper === first && /\p{Ll}/u.test(first) ? "_" : ""}${upper}${rest.join("")}`;
}

function word(text: string): string {
  return printable(text.trim().replace(/\s+/gu, "_")) || "_";
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/gu, " ").trim());
}
