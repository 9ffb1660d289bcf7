// Formats boots as data for other programs: JSON with everything, CSV with a line for each phase and side, Markdown
// with both tables.

import { defined } from "../../domain/defined.ts";
import { csvLines } from "../formats/csv-writer.ts";
import { phases, phaseTitles } from "../../analysis/boot/boot-phases.ts";
import { jsonText } from "../../domain/printable.ts";
import { bootFooter, bootHeader, type BootReportData, publishedBootName, visiblePhases } from "./report-data.ts";
import { bootSpeedupText } from "./terminal-table.ts";
import { escapeMarkdown, markdownLine } from "../text/markdown-text.ts";
import { formatTime, unitFor } from "../text/numbers.ts";

export function bootJson({
  analysis,
  plan,
  records,
  published,
  absence,
  sums,
  changed,
  spent,
}: BootReportData): string {
  const data = {
    schema: 1,
    kind: "boot",
    ...(plan === undefined ? {} : { run: plan.run, spec: plan.spec }),
    analysis,
    boots: records,
    ...(published === undefined ? {} : { published: { id: published.id, source: published.source } }),
    ...defined({ absence, spent }),
    ...(sums === undefined || changed !== undefined ? {} : { sums }),
    ...defined({ changed }),
  };
  return `${jsonText(data, 2)}\n`;
}

const heads = [
  "side",
  "phase",
  "n",
  "median_s",
  "p90_s",
  "min_s",
  "max_s",
  "speedup",
  "speedup_lo",
  "speedup_hi",
  "verdict",
  "source",
];

/**
 * Returns CSV with a line for each side and phase; published images have the phases that were published. Fields by RFC
 * 4180.
 */
export function bootCsv({ analysis }: BootReportData): string {
  const measured = analysis.sides.flatMap(({ side, phases: of }) =>
    phases.flatMap((phase) => {
      const spread = of[phase];
      if (spread === undefined) return [];
      const speedup = analysis.speedups[side]?.[phase];
      const { n, median_s, p90_s, least_s, most_s } = spread;
      const compared = [speedup?.value, speedup?.lo, speedup?.hi, speedup?.verdict];
      return [[side, phase, n, median_s, p90_s, least_s, most_s, ...compared, "measured"]];
    }),
  );
  const published = analysis.images
    .filter((row) => row.published !== undefined)
    .flatMap(({ name, closed_s, open_s, total_s, published: id }) =>
      (
        [
          ["closed", closed_s],
          ["open", open_s],
          ["boot", total_s],
        ] as const
      ).map(([phase, value]) => [name, phase, "", value, "", "", "", "", "", "", "", publishedBootName(id ?? "")]),
    );
  return csvLines(heads, [...measured, ...published]);
}

export function bootMarkdown(report: BootReportData): string {
  const { analysis } = report;
  const contenders = analysis.sides.map(({ side }) => side).filter((side) => side in analysis.speedups);
  const phaseRows = visiblePhases(report).map((phase) => {
    const unit = unitFor(analysis.sides.flatMap((side) => side.phases[phase]?.p90_s ?? []));
    const shown = analysis.sides.map(({ phases: of }) => {
      const spread = of[phase];
      return spread === undefined ? "-" : `${formatTime(spread.median_s, unit)} (${formatTime(spread.p90_s, unit)})`;
    });
    return [
      phaseTitles[phase],
      ...shown,
      ...contenders.map((side) => bootSpeedupText(analysis.speedups[side]?.[phase])),
    ];
  });
  const phaseHeads = [
    "phase",
    ...analysis.sides.map(({ side }) => `${side}: median (p90)`),
    ...contenders.map((side) => `speedup of ${side} (95 %)`),
  ];
  const images = analysis.images.map(({ name, id, closed_s, open_s, total_s, n }) => [
    name,
    id,
    ...[closed_s, open_s, total_s].map((value) => `${value.toFixed(2)} s`),
    n === undefined ? "published" : String(n),
  ]);
  return [
    escapeMarkdown(bootHeader(report)),
    ...(phaseRows.length === 0 ? [] : [tableOf(phaseHeads, phaseRows)]),
    tableOf(["image", "id", "running to closed", "closed to open", "total", "boots"], images),
    bootFooter(report)
      .map((line) => `- ${escapeMarkdown(line)}`)
      .join("\n"),
    "",
  ].join("\n\n");
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const aligned = head.map((_, i) => (i === 0 ? ":--" : "--:"));
  const lines = [head, ...rows].map((cells) => markdownLine(cells.map(escapeMarkdown)));
  return [lines[0], markdownLine(aligned), ...lines.slice(1)].join("\n");
}
