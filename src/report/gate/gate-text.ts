// Words for the answer of a gate: a line for the whole, and one for each limit.

import type { GateItem, GateResult, LimitResult } from "../../analysis/gate/judge-gate.ts";
import { type GateAnswer, limitText } from "../../domain/plan/gate.ts";
import { rowName } from "../table/row-names.ts";
import { contenders, type ReportData } from "../report-data.ts";

/** The answer of a limit, and the words for it. */
export interface GateLine {
  readonly answer: GateAnswer;
  /** `cpu slower than 3 %` */
  readonly limit: string;
  /** `sha256 +8.1 % (+6.9 to +9.4 %)` */
  readonly found: string;
}

/** Returns `undecided, counts as fail`. */
export function gateAnswerText({ answer, undecided }: Pick<GateResult, "answer" | "undecided">): string {
  return answer === "undecided" && undecided !== undefined ? `undecided, counts as ${undecided}` : answer;
}

/** Returns a line for each limit of the report's gate. */
export function gateLines(report: ReportData): GateLine[] {
  return (report.gate?.limits ?? []).map((limit) => ({
    answer: limit.answer,
    limit: limitText(limit),
    found: foundText(report, limit),
  }));
}

/** Returns the lines of the gate below a table: `gate: fail`, then a line for each limit. Empty where there is none. */
export function gateFooter(report: ReportData): string[] {
  if (report.gate === undefined) return [];
  const lines = gateLines(report).map(({ answer, limit, found }) => `  ${answer}: ${limit}: ${found}`);
  return [`gate: ${gateAnswerText(report.gate)}`, ...lines];
}

/** The most comparisons that a line names. */
const mostNamed = 3;

/** Returns what decided a limit: the comparisons that fail or are undecided; where all pass, the slowest of them. */
function foundText(report: ReportData, { answer, items }: LimitResult): string {
  if (items.length === 0) return "there is nothing to compare";
  const deciding = items.filter((item) => item.answer === answer);
  const slowestFirst = deciding.toSorted((a, b) => (b.hi ?? -Infinity) - (a.hi ?? -Infinity));
  const shown = slowestFirst.slice(0, answer === "pass" ? 1 : mostNamed);
  const texts = shown.map((item) => itemText(report, item));
  if (answer === "pass")
    return items.length === 1 ? texts.join("") : `${items.length} comparisons, slowest ${texts.join("")}`;
  const more = deciding.length - shown.length;
  return [...texts, ...(more === 0 ? [] : [`${more} more`])].join(", ");
}

/** Returns `sha256 +8.1 % (+6.9 to +9.4 %)`. */
function itemText(report: ReportData, item: GateItem): string {
  return [nameOf(report, item), figureText(report, item)].filter((part) => part !== "").join(" ");
}

/** Names the row, and the contender where there are several. */
function nameOf(report: ReportData, { row, contender, over }: GateItem): string {
  const compared = row === null ? undefined : report.comparison.rows[row];
  const several = contenders(report).length > 1;
  if (compared === undefined) {
    const partial = over !== undefined && over.count < over.of ? `over ${over.count} of ${over.of} rows` : "";
    return [partial, several ? contender : ""].filter((part) => part !== "").join(" ");
  }
  const { title, impl } = rowName(report, compared);
  const name = [title, impl].join(" ").trim();
  if (report.by === "command") return report.comparison.rows.length > 1 ? `${contender} on ${name}` : contender;
  return several ? `${name} on ${contender}` : name;
}

/** Returns the figure with the interval that decided it, or why it has none. */
function figureText({ gate }: ReportData, item: GateItem): string {
  const { answer, percent, why } = item;
  const isWidened = answer !== "pass" && (gate?.comparisons ?? 1) > 1;
  const [lo, hi] = isWidened ? [item.lo_adjusted, item.hi_adjusted] : [item.lo, item.hi];
  if (percent === null || lo === null || hi === null)
    return [percent === null ? "" : signed(percent), `(${why ?? "no interval"})`].join(" ").trim();
  const allowing = isWidened ? `, allowing for ${gate?.comparisons ?? 1} comparisons` : "";
  return `${signed(percent)} (${signed(lo)} to ${signed(hi)}${allowing})`;
}

/** Returns `+8.1 %`: a tenth of a percent below ten, whole percents from there. */
function signed(percent: number): string {
  const size = Math.abs(percent);
  const digits = size < 9.95 ? size.toFixed(1) : size.toFixed(0);
  return `${Number(digits) === 0 ? "" : percent < 0 ? "-" : "+"}${digits} %`;
}
