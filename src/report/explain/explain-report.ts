// Says in plain sentences how the cells of a table came about: `timetrial explain`.

import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { geomeanLimit, isLimitOn } from "../../domain/plan/gate.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { printable } from "../../domain/printable.ts";
import { gateAnswerText, gateLines } from "../gate/gate-text.ts";
import { unitOfLines } from "../table/cell-text.ts";
import { stoppingLines } from "../table/stopping-lines.ts";
import { rowName } from "../table/row-names.ts";
import { wrapText } from "../table/grid.ts";
import { contenders, rowTitle, type ReportData, sumsText } from "../report-data.ts";
import { unrealTimes } from "../unreal-times.ts";
import { meanSentences, speedupSentences } from "./explain-speedups.ts";
import { countOf } from "../../analysis/compare-tests/test-notes.ts";
import { timeSentences } from "./explain-times.ts";

/**
 * Returns the explanation of `report`, or of the rows that `named` names, at most `width` columns wide; ends with a line
 * end.
 *
 * @throws TimetrialError USAGE where there is no such row
 */
export function explainReport(report: ReportData, named: string | undefined, width: number): string {
  const rows = report.comparison.rows.filter((row) => isNamed(report, row, named));
  const withMeans = named === undefined || named === geomeanLimit;
  if (rows.length === 0 && !withMeans) throw unknownRow(report, named ?? "");
  const sections = [
    { title: "", sentences: runSentences(report) },
    ...rows.map((row) => ({ title: titleOf(report, row), sentences: rowSentences(report, row) })),
    ...(withMeans ? meanSections(report) : []),
    ...(report.gate === undefined
      ? []
      : [{ title: `gate: ${gateAnswerText(report.gate)}`, sentences: gateSentences(report) }]),
  ];
  const lines = sections.flatMap(({ title, sentences }) => [
    ...(title === "" ? [] : ["", ...paragraph(title, width, "")]),
    ...sentences.flatMap((sentence) => paragraph(sentence, width, title === "" ? "" : "  ")),
  ]);
  return `${lines.join("\n")}\n`;
}

/**
 * Breaks a sentence into lines, all of them indented. Names may be from a run that somebody else stored: what a terminal
 * would interpret is replaced before widths are counted, and blanks in names are no places for facts to part.
 */
function paragraph(text: string, width: number, indent: string): string[] {
  return wrapText(printable(text.replace(/\s+/gu, " ")), width - indent.length).map((line) => `${indent}${line}`);
}

function isNamed(report: ReportData, row: ComparedRow, named: string | undefined): boolean {
  const title = rowTitle(report, row);
  return named !== geomeanLimit && isLimitOn(named, title === undefined ? row : { ...row, title });
}

function unknownRow(report: ReportData, named: string): TimetrialError {
  const names = [...new Set(report.comparison.rows.map((row) => `${row.suite}/${row.row}`)), geomeanLimit];
  return new TimetrialError("USAGE", `explain: the run has no row ${quoteForMessage(named)}`, {
    hint: `there is ${names.join(", ")}`,
  });
}

function titleOf(report: ReportData, row: ComparedRow): string {
  const { title, impl } = rowName(report, row);
  return `${row.suite}: ${[title, impl].join(" ").trim()}`;
}

function runSentences(report: ReportData): string[] {
  const { plan, comparison } = report;
  const others = contenders(report);
  const compared =
    others.length === 0
      ? `${comparison.baseline} is measured alone: nothing is compared.`
      : `${others.join(", ")} ${others.length === 1 ? "is" : "are"} compared with ${comparison.baseline}, the baseline.`;
  return [
    `Run ${plan.run}, made by timetrial ${plan.tool_version} on ${plan.created_at.slice(0, 10)}. ${compared}`,
    "A speedup is the baseline's time over the other's: above 1 is faster. Runs go round by round over all rows, in a random order that is the same on all machines.",
    ...unrealTimes(report).map((line) => `Noted: ${line}.`),
    ...stoppingLines(report).map((line) => `Rounds: ${line}.`),
    `Of ${countOf(comparison.left_out.of, "run")} after warm-up, ${comparison.left_out.runs} ${comparison.left_out.runs === 1 ? "is" : "are"} left out.`,
    `The run's files: ${sumsText(report)}.`,
  ];
}

function rowSentences(report: ReportData, row: ComparedRow): string[] {
  const runs = [...(report.runs[report.comparison.rows.indexOf(row)] ?? [])];
  const { rows, sides } = report.comparison;
  // As in the table, where all rows of a suite share one.
  const unit = unitOfLines(
    rows.filter(({ suite }) => suite === row.suite),
    sides,
  );
  return [
    ...sides.flatMap((side) => timeSentences(report, row, side, { runs, unit })),
    ...contenders(report).flatMap((contender) => speedupSentences(report, row, contender, unit)),
    ...row.notes.map((note) => `Noted: ${note}.`),
  ];
}

function meanSections(report: ReportData): { readonly title: string; readonly sentences: string[] }[] {
  return report.comparison.geomeans
    .map(({ suite, rows, speedups }) => ({
      title: `geomean: ${suite ?? (rows === undefined ? "all suites" : "rows that wait for nothing")}`,
      sentences: contenders(report).flatMap((contender) =>
        (["real", "cpu"] as const).flatMap((metric) => meanSentences(contender, metric, speedups[contender]?.[metric])),
      ),
    }))
    .filter(({ sentences }) => sentences.length > 0);
}

function gateSentences(report: ReportData): string[] {
  const comparisons = report.gate?.comparisons ?? 0;
  return [
    ...gateLines(report).map(({ answer, limit, found }) => `${answer}: ${limit}: ${found}.`),
    ...(comparisons > 1
      ? [
          `A limit fails by intervals that hold for ${comparisons} comparisons together, each at ${Number((100 * (1 - 0.05 / comparisons)).toFixed(3))} %. It passes by intervals of 95 %.`,
        ]
      : []),
  ];
}
