// The answer of a gate as Markdown, on top of the table: what a reviewer of a pull request looks for first.

import type { GateResult } from "../../analysis/gate/judge-gate.ts";
import { escapeMarkdown } from "../text/markdown-text.ts";
import type { ReportData } from "../report-data.ts";
import { gateAnswerText, gateLines } from "./gate-text.ts";

/** Returns the answer of the gate, a line for each limit, and an empty line. */
export function gateMarkdown(report: ReportData, gate: GateResult): string {
  const lines = gateLines(report).map(
    ({ answer, limit, found }) => `- **${answer}**: ${escapeMarkdown(limit)}: ${escapeMarkdown(found)}`,
  );
  return [`**gate: ${gateAnswerText(gate)}**`, "", ...lines, "", ""].join("\n");
}
