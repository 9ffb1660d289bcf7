// Draws the forest of all speedups in characters, at the width of a terminal.

import { printable } from "../../domain/printable.ts";
import stringWidth from "string-width";
import type { ReportData } from "../report-data.ts";
import { buildTableView } from "../table/build-view.ts";
import { forests, hasRanges, type Mark } from "./forest.ts";
import type { Scale } from "./scale.ts";

export interface PlotOptions {
  /** The terminal's width in columns. */
  readonly width: number;
  /** Whether the terminal shows more than ASCII. */
  readonly utf8: boolean;
}

interface GlyphSet {
  readonly wall: string;
  readonly tick: string;
  readonly value: string;
  readonly unsure: string;
  readonly line: string;
  /** The line of a mean's range with one row left out. */
  readonly range: string;
  /** The ends of an interval that begins or ends in the middle of a column. */
  readonly from: string;
  readonly to: string;
  readonly more: string;
}

const glyphSets: Readonly<Record<"blocks" | "ascii", GlyphSet>> = {
  blocks: { wall: "│", tick: "┼", value: "█", unsure: "▒", line: "━", range: "┄", from: "╺", to: "╸", more: "…" },
  ascii: { wall: "|", tick: "+", value: "#", unsure: "o", line: "-", range: ".", from: "-", to: "-", more: "~" },
};

/**
 * Returns two lines for every row, real and CPU, and the scale below them; ends with a line end. Empty without a
 * contender.
 */
export function terminalPlot(report: ReportData, { width, utf8 }: PlotOptions): string {
  const view = buildTableView(report);
  const { forests: all, scale } = forests(report, view);
  if (all.length === 0) return "";
  const glyphs = glyphSets[utf8 ? "blocks" : "ascii"];
  const labels = all.flatMap(({ groups }) => groups.flatMap(({ rows }) => rows.map(({ label }) => label)));
  const left = Math.min(Math.max(...labels.map((label) => stringWidth(label))) + 2, Math.floor(width * 0.4));
  // The label, a blank, "real", a blank.
  const columns = Math.max(10, width - left - 6);
  const lines = all.flatMap(({ contender, groups }) => [
    `${contender} over ${report.comparison.baseline}`,
    ...groups.flatMap(({ title, rows }) => [
      title,
      ...rows.flatMap(({ label, marks }) =>
        marks.map((mark, i) => {
          const name = padded(i === 0 ? `  ${label}` : "", left, glyphs.more);
          return `${name} ${mark.metric.padEnd(4)} ${drawMark(mark, scale, columns, glyphs)}`.trimEnd();
        }),
      ),
    ]),
    ...axis(scale, columns, glyphs).map((line) => `${" ".repeat(left + 6)}${line}`.trimEnd()),
  ]);
  const legend = [
    `${glyphs.value} faster or slower`,
    `${glyphs.unsure} no difference shown`,
    `${glyphs.line}${glyphs.line} 95 %`,
    ...(hasRanges(all) ? [`${glyphs.range}${glyphs.range} range with one row left out`] : []),
    "a scale of ratios",
  ];
  return `${[...lines, ...filled(legend, width)].map(printable).join("\n")}\n`;
}

/** Joins `parts` by three blanks, as many on a line as fit. No part is broken. */
function filled(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = [...lines.slice(-1), part].join("   ");
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

function drawMark(mark: Mark, scale: Scale, columns: number, glyphs: GlyphSet): string {
  const cells = Array.from({ length: columns }, () => " ");
  // There are twice as many places as columns, because a mark can be half a column.
  const place = (value: number): number => Math.round((scale.at(value) / 100) * (2 * columns - 1));
  cells[Math.floor(place(1) / 2)] = glyphs.wall;
  const { value, lo, hi, range } = mark;
  if (value === null) return cells.join("");
  if (lo !== null && hi !== null) {
    const [from, to] = [place(lo), place(hi)];
    for (let half = from; half <= to; half++) cells[Math.floor(half / 2)] = range ? glyphs.range : glyphs.line;
    if (from % 2 === 1 && !range) cells[Math.floor(from / 2)] = glyphs.from;
    if (to % 2 === 0 && !range) cells[Math.floor(to / 2)] = glyphs.to;
  }
  cells[Math.floor(place(value) / 2)] = mark.shown ? glyphs.value : glyphs.unsure;
  return cells.join("");
}

function axis(scale: Scale, columns: number, glyphs: GlyphSet): string[] {
  const at = (tick: number): number => Math.floor(Math.round((scale.at(tick) / 100) * (2 * columns - 1)) / 2);
  const line = Array.from({ length: columns }, () => (glyphs.line === "━" ? "─" : glyphs.line));
  const names = Array.from({ length: columns }, () => " ");
  for (const tick of scale.ticks) {
    line[at(tick)] = glyphs.tick;
    const name = String(tick);
    const from = Math.min(Math.max(0, at(tick) - Math.floor(name.length / 2)), columns - name.length);
    names.splice(from, name.length, ...Array.from(name));
  }
  return [line.join(""), names.join("")];
}

/** Pads `text` to `columns`. A longer text is cut and ends with `more`. */
function padded(text: string, columns: number, more: string): string {
  let cut = text;
  if (stringWidth(cut) > columns) {
    while (stringWidth(cut) > columns - 1) cut = Array.from(cut).slice(0, -1).join("");
    cut += more;
  }
  return cut + " ".repeat(columns - stringWidth(cut));
}
