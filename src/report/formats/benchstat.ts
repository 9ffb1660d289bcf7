// Formats the runs in Go's benchmark format, which golang.org/x/perf's benchstat and similar tools read (specification:
// golang.org/design/14313-benchmark-format). There is one result for each kept run. A `side` key distinguishes the
// sides:
//
//     benchstat -col side FILE
//
// benchstat knows no machines: it treats all runs of a side as independent.

import { printable } from "../../domain/printable.ts";
import { ByteText, type EncodedText, type TextPiece } from "../../domain/printable-bytes.ts";
import { rowTitle, type ReportData } from "../report-data.ts";
import { unrealTimes } from "../unreal-times.ts";

/** Yields the runs of `report` as benchmark results in pieces, ended by a line end. Times in nanoseconds. */
export function* benchstat(report: ReportData): Generator<TextPiece> {
  const { comparison, plan } = report;
  const text = new ByteText();
  const add = (words: string): void => text.add(text.encode(words));
  const [blank, end] = [text.encode(" "), text.encode("\n")];
  const [realUnit, cpuUnit] = [text.encode(" ns/op"), text.encode(" cpu-ns/op")];
  const addTime = (time_s: number, unit: EncodedText): void => {
    if (Number.isNaN(time_s)) return;
    text.add(blank);
    text.addNumber(Math.round(time_s * 1e9));
    text.add(unit);
  };
  add(`tool: timetrial ${oneLine(plan.tool_version)}\nrun: ${plan.run}\n`);
  for (const note of unrealTimes(report)) add(`note: ${oneLine(note)}\n`);
  for (const side of comparison.sides) {
    add(`\nside: ${oneLine(side)}\n`);
    let suite: string | undefined;
    for (const [i, row] of comparison.rows.entries()) {
      const title = name(rowTitle(report, row) ?? row.row);
      const about = text.encode(`Benchmark${title}/impl=${word(row.impl)}/driver=${word(row.driver)} 1`);
      for (const machine of comparison.machines[side] ?? []) {
        const isIn = (metric: "real" | "cpu"): boolean =>
          row.cells[side]?.[metric].machines.some((one) => one.machine === machine) === true;
        const [isReal, isCpu] = [isIn("real"), isIn("cpu")];
        if (!isReal && !isCpu) continue;
        const counted = report.runs[i]?.counted(side, machine);
        for (let k = 0; k < (counted?.real_s.length ?? 0); k++) {
          const real_s = isReal ? (counted?.real_s[k] ?? Number.NaN) : Number.NaN;
          const cpu_s = isCpu ? (counted?.cpu_s[k] ?? Number.NaN) : Number.NaN;
          if (Number.isNaN(real_s) && Number.isNaN(cpu_s)) continue;
          if (suite !== row.suite) {
            suite = row.suite;
            add(`pkg: ${oneLine(suite)}\n`);
          }
          text.add(about);
          addTime(real_s, realUnit);
          addTime(cpu_s, cpuUnit);
          text.add(end);
        }
        if (text.isPiece) yield text.take();
      }
    }
  }
  yield text.take();
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
