// The answer of a gate at the top of the page.

import { type Markup, markup } from "../text/markup.ts";
import type { ReportData } from "../report-data.ts";
import { gateAnswerText, gateLines } from "./gate-text.ts";

/** Returns the section; undefined where the report has no gate. */
export function gateSection(report: ReportData): Markup | undefined {
  if (report.gate === undefined) return undefined;
  const lines = gateLines(report).map(
    ({ answer, limit, found }) => markup`<li><b class="${answer}">${answer}</b>: ${limit}: ${found}</li>
`,
  );
  return markup`<section id="gate"><p class="gate">gate: <b class="${report.gate.answer}">${gateAnswerText(report.gate)}</b></p>
<ul class="notes">${lines}</ul></section>`;
}
