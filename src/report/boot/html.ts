// Formats boots as a page that stands alone: no script, nothing fetched. Each boot is a bar of its phases. The text
// beside it stays readable without colour.

import { type Phase, phaseTitles } from "../../analysis/boot/boot-phases.ts";
import type { BootRecord } from "../../domain/boot/boot.ts";
import { bootSpeedupText } from "./terminal-table.ts";
import {
  bootFooter,
  bootHeader,
  type BootReportData,
  publishedBootName,
  visiblePhases,
  waterfallPhases,
  waterfallTitles,
} from "./report-data.ts";
import { Markup, markup } from "../text/markup.ts";
import { formatTime, unitFor } from "../text/numbers.ts";

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
th:first-child,td:first-child{text-align:left}svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:currentColor}
.call{fill:#9a9a9a}.running{fill:#d9a441}.closed{fill:#4a7fb5}.open{fill:#3f9165}.failed{fill:#c0504d}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#181818}th,td{border-color:#444}}`;

export function bootHtml(report: BootReportData): string {
  const title = `boots: ${report.plan?.run ?? publishedBootName(report.published?.id ?? "")}`;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${new Markup(style)}</style></head><body>
<h1>${title}</h1><p>${bootHeader(report)}</p>
${report.plan === undefined ? [] : [phaseTable(report), waterfall(report)]}
${imageTable(report)}
<ul>${bootFooter(report).map((line) => markup`<li>${line}</li>`)}</ul></body></html>
`;
  return page.text;
}

function phaseTable(report: BootReportData): Markup {
  const { sides, speedups } = report.analysis;
  const contenders = sides.map(({ side }) => side).filter((side) => side in speedups);
  const rows = visiblePhases(report).map((phase) => {
    const unit = unitFor(sides.flatMap((side) => side.phases[phase]?.p90_s ?? []));
    const shown = sides.flatMap(({ phases: of }) => {
      const spread = of[phase];
      return spread === undefined
        ? ["-", "-", "0"]
        : [formatTime(spread.median_s, unit), formatTime(spread.p90_s, unit), String(spread.n)];
    });
    return [phaseTitles[phase], ...shown, ...contenders.map((side) => bootSpeedupText(speedups[side]?.[phase]))];
  });
  const heads = [
    "phase",
    ...sides.flatMap(({ side }) => [`${side} median`, "p90", "n"]),
    ...contenders.map((side) => `speedup of ${side} (95 %)`),
  ];
  return markup`<h2>Phases</h2>${tableOf(heads, rows)}`;
}

function imageTable({ analysis }: BootReportData): Markup | undefined {
  if (analysis.images.length === 0) return undefined;
  const rows = analysis.images.map(({ name, id, closed_s, open_s, total_s, n }) => [
    name,
    id,
    ...[closed_s, open_s, total_s].map((value) => `${value.toFixed(2)} s`),
    n === undefined ? "published" : String(n),
  ]);
  return markup`<h2>Images</h2>${tableOf(["image", "id", "running to closed", "closed to open", "total", "boots"], rows)}`;
}

const geometry = { width: 960, label: 250, row: 18, bar: 13 } as const;

/** Draws all boots, each as a bar, on one axis of seconds since the launching call. */
function waterfall({ records, analysis }: BootReportData): Markup {
  const titles = waterfallTitles(analysis.sides);
  const end_s = Math.max(
    0.001,
    ...records.map(({ open_s, running_s, called_s }) => open_s ?? running_s ?? called_s ?? 0),
  );
  const { width, label, row } = geometry;
  const x = (at_s: number): number => label + (at_s / end_s) * (width - label - 90);
  const height = row * (records.length + 2);
  const ticks = Array.from({ length: 6 }, (_, i) => (end_s * i) / 5);
  const key = waterfallPhases.map(
    (phase) =>
      markup`<svg style="display:inline;width:.8em;height:.8em" viewBox="0 0 1 1" aria-hidden="true"><rect class="${phase}" width="1" height="1"/></svg> ${titles[phase]} &nbsp; `,
  );
  const axis = ticks.map(
    (at_s) =>
      markup`<text x="${x(at_s).toFixed(1)}" y="${height - 4}" text-anchor="middle">${at_s.toFixed(2)} s</text>`,
  );
  return markup`<h2>Waterfall</h2>
<p>${key}</p>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="phases of each boot, in seconds since the launching call">${records.map((record, i) => bar(record, i, x))}${axis}</svg>
`;
}

function bar(record: BootRecord, index: number, x: (at_s: number) => number): Markup {
  const { row, bar: high, label } = geometry;
  const y = index * row + 2;
  const instants: readonly (readonly [Phase, number | null])[] = [
    ["call", record.called_s],
    ["running", record.running_s],
    ["closed", record.closed_s],
    ["open", record.open_s],
  ];
  let from_s = 0;
  const parts: Markup[] = [];
  for (const [phase, at_s] of instants) {
    if (at_s === null) break;
    const wide = Math.max(0, x(at_s) - x(from_s));
    parts.push(
      markup`<rect class="${phase}" x="${x(from_s).toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${high}"><title>${phaseTitles[phase]}: ${(at_s - from_s).toFixed(3)} s</title></rect>`,
    );
    from_s = at_s;
  }
  const result =
    record.status === "failed"
      ? `failed: ${record.reason}`
      : `${from_s.toFixed(2)} s${record.warmup ? " (first)" : ""}`;
  const name = `${record.side} #${record.number}`;
  return markup`<g><text x="${label - 8}" y="${y + 11}" text-anchor="end">${name.slice(-38)}</text>${parts}<text x="${(x(from_s) + 6).toFixed(1)}" y="${y + 11}">${result.slice(0, 60)}</text></g>`;
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return markup`<table><thead><tr>${heads.map((text) => markup`<th>${text}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => markup`<tr>${row.map((text) => markup`<td>${text}</td>`)}</tr>`,
  )}</tbody></table>`;
}
