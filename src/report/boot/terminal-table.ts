// Draws boots on a terminal: a table with a row for each phase and a column for each side, the article's table, sorted
// by total, and a bar for each side.

import { type Phase, phaseTitles } from "../../analysis/boot/boot-phases.ts";
import type { BootAnalysis, ImageRow } from "../../analysis/boot/boot-analysis.ts";
import type { SpeedupResult } from "../../analysis/comparison/comparison.ts";
import { bootFooter, bootHeader, type BootReportData, visiblePhases, waterfallTitles } from "./report-data.ts";
import { type Column, leftColumn, renderGrid, type Grid, widthOf, wrapText } from "../table/grid.ts";
import { formatSpeedup as speedupText, formatTime, unitFor } from "../text/numbers.ts";

/** Returns `report` as text, at most `width` columns wide where that is possible; ends with a line end. */
export function bootTable(report: BootReportData, width: number): string {
  const blocks = [
    wrapText(bootHeader(report), width),
    ...(report.plan === undefined ? [] : [fitting(phaseGrid(report), width), waterfall(report, width)]),
    imageLines(report.analysis.images, width),
    bootFooter(report).flatMap((line) => wrapText(line, width)),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Draws `grid` in `width` columns: the 90th percentiles are left out first, then the medians. */
function fitting(grid: Grid, width: number): string[] {
  const drawings = [0, 2, 1].map((without) => renderGrid(grid, without));
  return drawings.find((lines) => widthOf(lines) <= width) ?? drawings.at(-1) ?? [];
}

function phaseGrid(report: BootReportData): Grid {
  const { sides, speedups } = report.analysis;
  const contenders = sides.filter(({ side }) => side in speedups).map(({ side }) => side);
  const right = (over: string, head: string, expendable: number): Column => ({
    over,
    head,
    align: "right",
    expendable,
  });
  const columns: Column[] = [
    leftColumn("phase"),
    ...sides.flatMap(({ side }) => [right(side, "median", sides.length > 2 ? 1 : 0), right(side, "p90", 2)]),
    ...contenders.map((side) => right(contenders.length > 1 ? side : "", "speedup (95 %)", 0)),
  ];
  const rows = visiblePhases(report).map((phase) => {
    const spreads = sides.map((side) => side.phases[phase]);
    const unit = unitFor(spreads.flatMap((spread) => (spread === undefined ? [] : [spread.p90_s])));
    const unseen = (i: number): string => ((sides[i]?.closed_unseen ?? 0) > 0 && phase === "closed" ? "< " : "");
    return [
      phaseTitles[phase],
      ...spreads.flatMap((spread, i) =>
        spread === undefined
          ? ["-", "-"]
          : [unseen(i) + formatTime(spread.median_s, unit), formatTime(spread.p90_s, unit)],
      ),
      ...contenders.map((side) => bootSpeedupText(speedups[side]?.[phase])),
    ];
  });
  return { columns, rows };
}

/** Returns a speedup as in every table: `~` where no difference is shown, a word where there is no number. */
export function bootSpeedupText(speedup: SpeedupResult | undefined): string {
  if (speedup === undefined) return "-";
  if (speedup.verdict === "too-short") return "short";
  if (speedup.value === null) return "-";
  const text = speedupText(speedup.value, speedup.lo, speedup.hi);
  if (speedup.lo === null) return `${text} ‡`;
  return speedup.verdict === "none" ? `~ ${text}` : text;
}

/** The character that fills each phase of a bar. */
const fills: readonly (readonly [Phase, string])[] = [
  ["call", "="],
  ["running", "."],
  ["closed", "-"],
  ["open", "#"],
];

/**
 * Returns the median length of a bar's segment, in seconds. A microVM has its VMM's API and InstanceStart where an
 * instance has its launching call.
 */
function segment_s(of: BootAnalysis["sides"][number]["phases"], phase: Phase): number {
  const own = { call: ["api"], running: ["configure", "start"] } as Partial<Record<Phase, readonly Phase[]>>;
  const parts = of.api === undefined ? [phase] : (own[phase] ?? [phase]);
  return parts.reduce((sum, part) => sum + (of[part]?.median_s ?? 0), 0);
}

function waterfall({ analysis }: BootReportData, width: number): string[] {
  const sides = analysis.sides.filter(({ phases: of }) => of.closed !== undefined);
  if (sides.length === 0) return [];
  const label = Math.max(...sides.map(({ side }) => side.length));
  const total = (of: (typeof sides)[number]): number =>
    fills.reduce((sum, [phase]) => sum + segment_s(of.phases, phase), 0);
  const longest_s = Math.max(...sides.map(total));
  const room = Math.max(10, width - label - 12);
  const bars = sides.map((side) => {
    let at_s = 0;
    let bar = "";
    for (const [phase, fill] of fills) {
      at_s += segment_s(side.phases, phase);
      bar += fill.repeat(Math.max(0, Math.round((at_s / longest_s) * room) - bar.length));
    }
    return `${side.side.padEnd(label)} |${bar}| ${formatTime(total(side), unitFor([longest_s]))}`;
  });
  const names = waterfallTitles(analysis.sides);
  const legend = fills.map(([phase, fill]) => `${fill} ${names[phase]}`).join("   ");
  return [...bars, ...wrapText(legend, width)];
}

function imageLines(images: readonly ImageRow[], width: number): string[] {
  if (images.length === 0) return [];
  const right = (head: string, expendable = 0): Column => ({ over: "", head, align: "right", expendable });
  const seconds = (value_s: number): string => `${value_s.toFixed(2)} s`;
  const measured = images.some(({ n }) => n !== undefined);
  const grid: Grid = {
    columns: [
      leftColumn("image"),
      right("id", 2),
      right("running to closed"),
      right("closed to open"),
      right("total"),
      ...(measured ? [right("boots", 1)] : []),
    ],
    rows: images.map(({ name, id, closed_s, open_s, total_s, n }) => [
      name,
      id,
      seconds(closed_s),
      seconds(open_s),
      seconds(total_s),
      ...(measured ? [n === undefined ? "published" : String(n)] : []),
    ]),
  };
  const [blank = "", ...lines] = fitting(grid, width);
  return blank.trim() === "" ? lines : [blank, ...lines];
}
