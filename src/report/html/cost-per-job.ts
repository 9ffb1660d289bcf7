// Shows dollars a job in the page: the same blocks as on a terminal.

import { costFooter, costGrid } from "../table/cost-per-job.ts";
import type { ReportData } from "../report-data.ts";
import { markup, type Markup } from "../text/markup.ts";

export function pricesSection(report: ReportData): Markup | undefined {
  if (report.priced === undefined || report.priced.length === 0) return undefined;
  const blocks = report.priced.map((block) => {
    const { columns, rows } = costGrid(report, block);
    return markup`<div class="scroll"><table class="facts"><thead><tr>${columns.map(
      ({ over, head }) => markup`<th scope="col">${over === "" ? head : over}</th>`,
    )}</tr></thead>
<tbody>${rows.map((row) =>
      typeof row === "string"
        ? undefined
        : markup`<tr>${row.map((cell, i) => (i === 0 ? markup`<th scope="row">${cell.trim()}</th>` : markup`<td>${cell}</td>`))}</tr>
`,
    )}</tbody></table></div>
${costFooter(block).map((line) => markup`<p class="key">${line}</p>`)}`;
  });
  return markup`<section id="prices"><h2>What it costs</h2>${blocks}</section>`;
}
