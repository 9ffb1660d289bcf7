// Formats the comparison as one file for a browser: no other file, no network, and no script is needed to read it.

import { createHash } from "node:crypto";
import { contenders, isRanked, type ReportData } from "../report-data.ts";
import { buildTableView } from "../table/build-view.ts";
import { DrawnRuns } from "./drawn-runs.ts";
import { driftSection } from "./run-order.ts";
import { gateSection } from "../gate/gate-section.ts";
import { factsSection } from "./machine-facts.ts";
import { forestSection } from "./forest.ts";
import { mainTable } from "./main-table.ts";
import { Markup, markup } from "../text/markup.ts";
import { pricesSection } from "./cost-per-job.ts";
import { whySection } from "../why/why-section.ts";
import { heatMap, rankingSection } from "../ranking/ranking-section.ts";
import { timeAndMoneySection } from "../ranking/time-and-money.ts";
import { rowsSection } from "./rows.ts";
import { pageScript } from "./script.ts";
import { pageStyle } from "./style.ts";

/**
 * Yields `report` as an HTML document, ended by a line end, in pieces. `wide`: with the times of each side, for any number
 * of sides.
 */
export function* htmlPieces(report: ReportData, wide = false): Generator<string> {
  for (const { text } of page(report, wide)) yield text;
}

function* page(report: ReportData, wide: boolean): Generator<Markup> {
  const view = buildTableView(report, wide);
  const drawn = new DrawnRuns(report);
  const { baseline } = report.comparison;
  const headline = `${report.comparison.sides.length} sides, over ${baseline}`;
  const sides = isRanked(report) ? headline : [baseline, ...contenders(report)].join(" → ");
  // What is constant, without the sides: the heading names them.
  const constant = view.header.split(" · ").slice(1).join(" · ");
  yield markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${sides} · timetrial</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<main>
<h1>${isRanked(report) ? headline : [baseline, ...contenders(report)].map((side, i) => [i === 0 ? "" : i === 1 ? markup` <span class="to">→</span> ` : ", ", side])}</h1>
<p class="sub">${constant}</p>
${gateSection(report)}
${isRanked(report) ? [rankingSection(report), timeAndMoneySection(report)] : undefined}
${isRanked(report) && !wide ? heatMap(view, report.ranking) : mainTable(view)}
<ul class="notes">${view.footer.map((line) => markup`<li>${line.split("   ").join(" · ")}</li>`)}</ul>
${pricesSection(report)}
${forestSection(report, view)}
${whySection(report)}
`;
  yield* rowsSection(report, drawn);
  yield markup`
`;
  yield* driftSection(report, drawn);
  yield markup`
${factsSection(report)}
<footer>Run <code>${report.plan.run}</code> by timetrial ${report.plan.tool_version}, ${report.plan.created_at}.
${sumsSentence(report)}</footer>
</main>
<script>${new Markup(pageScript)}</script>
</body>
</html>
`;
}

/** The page's own style and script by their digests, and nothing else from anywhere. */
const policy = [
  "default-src 'none'",
  `style-src '${digest(pageStyle)}'`,
  `script-src '${digest(pageScript)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function sumsSentence({ sums, changed }: ReportData): Markup | string {
  if (sums === undefined) return "It was never closed: it has no sums.";
  if (changed !== undefined) return `Changed since it was closed: ${changed.join(", ")}.`;
  return markup`SHA-256 of its sums: <code>${sums}</code>.`;
}
