// Draws the forest of all speedups as a picture of its own: one SVG file without a script, light or dark as the
// reader's system is.

import stringWidth from "string-width";
import { darkColours, lightColours, markStyle, fontStack } from "../html/style.ts";
import { Markup, markup } from "../text/markup.ts";
import { wrapText } from "../table/grid.ts";
import { type Forest, type ForestRow, forests, hasRanges } from "../plot/forest.ts";
import { rowHeight, rowMarks } from "../plot/forest-marks.ts";
import type { Scale } from "../plot/scale.ts";
import { type Picture, pictureKey, pictureStyle, timeAndMoney } from "../ranking/time-and-money.ts";
import { isRanked, type ReportData } from "../report-data.ts";
import type { TableView } from "../table/table-view.ts";
import { buildTableView } from "../table/build-view.ts";

/**
 * In pixels: the plot's width, the height of a line of text, the space around everything, and the width of a letter in
 * the widest font.
 */
const [plotWidth, lineHeight, margin, letter] = [460, 22, 20, 7.6];
/** In pixels: the height of a caption's line, and the least width of the picture, which the captions need. */
const [captionHeight, leastWidth] = [17, 760];

/** Returns the speedups of `report` as SVG, ended by a line end. */
export function svg(report: ReportData): string {
  const view = buildTableView(report);
  const { forests: all, scale } = forests(report, view);
  const rows = all.flatMap(({ groups }) => groups.flatMap((group) => group.rows));
  const widest = (texts: readonly string[]): number => Math.ceil(Math.max(0, ...texts.map(stringWidth)) * letter) + 16;
  const left = margin + widest(rows.map(({ label }) => label));
  const right = left + plotWidth + 24;
  const widthOfRows = right + widest(rows.flatMap(({ marks }) => marks.map(markText)));
  const title = `speedup over ${report.comparison.baseline} (95 %)`;
  const parts: Markup[] = [];
  const picture = isRanked(report) ? timeAndMoney(report) : undefined;
  const top = picture === undefined ? 0 : picture.height + 4 * lineHeight;
  let y = top + margin + lineHeight;
  for (const forest of all) {
    const drawn = block(forest, all.length > 1, scale, { left, right }, y);
    parts.push(drawn.text);
    y = drawn.end;
  }
  const width = Math.max(widthOfRows, leastWidth);
  const captions = captionsOf(view, hasRanges(all)).flatMap((text) => wrapText(text, captionColumns(width)));
  const height = y + captionHeight * captions.length + margin;
  return `${
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${view.header}</title>
<style>${new Markup(style)}</style>
<rect class="paper" width="100%" height="100%"/>
${picture === undefined ? undefined : pictureAbove(picture)}
<text class="head" x="${margin}" y="${top + margin + 4}">${title}</text>
${parts}
${captions.map((text, i) => markup`<text class="small" x="${margin}" y="${y + captionHeight * (i + 1)}">${text}</text>`)}
</svg>
`.text
  }`;
}

/** Places the picture of time against money above the speedups, with its title and its key. */
function pictureAbove({ width, height, content }: Picture): Markup {
  return markup`<text class="head" x="${margin}" y="${margin + 4}">time against money</text>
<svg class="tradeoff" x="${margin}" y="${margin + lineHeight - 8}" width="${width}" height="${height}">${content}</svg>
<text class="small" x="${margin}" y="${margin + lineHeight + height}">${pictureKey}</text>`;
}

/**
 * Returns the captions: what the marks mean, what is constant, and every caveat. A picture is often seen without its
 * table.
 */
function captionsOf(view: TableView, ranges: boolean): string[] {
  return [
    `● real · ○ CPU · faded: no difference shown · ${ranges ? "dotted: range with one row left out · " : ""}a scale of ratios`,
    view.header,
    ...view.footer.map((text) => text.split("   ").join(" · ")),
  ];
}

/** Returns how many columns of small letters fit into `width` pixels. */
function captionColumns(width: number): number {
  return Math.floor((width - 2 * margin) / ((letter * 11) / 13));
}

interface Size {
  readonly left: number;
  readonly right: number;
}

function block(forest: Forest, named: boolean, scale: Scale, size: Size, from: number): { text: Markup; end: number } {
  const parts: Markup[] = [];
  let y = from;
  if (named) parts.push(markup`<text class="head" x="${margin}" y="${(y += lineHeight)}">${forest.contender}</text>`);
  for (const { title, rows } of forest.groups) {
    parts.push(markup`<text class="group" x="${margin}" y="${y + 16}">${title}</text>`);
    y += lineHeight;
    for (const row of rows) {
      parts.push(line(row, scale, size, y));
      y += rowHeight;
    }
  }
  const axis = scale.ticks.map(
    (tick) => markup`<text class="small" x="${scale.at(tick)}%" y="14" text-anchor="middle">${tick}</text>`,
  );
  parts.push(place(size.left, y, lineHeight, markup`${axis}`));
  return { text: markup`${parts}`, end: y + lineHeight };
}

function line(row: ForestRow, scale: Scale, { left, right }: Size, y: number): Markup {
  const words = row.marks.map(
    (mark, i) => markup`<text class="small" x="${right}" y="${y + 13 + 12 * i}">${markText(mark)}</text>`,
  );
  return markup`<text class="${row.mean ? "group" : "label"}" x="${margin}" y="${y + 19}">${row.label}</text>${place(left, y, rowHeight, rowMarks(row, scale))}${words}
`;
}

function markText({ metric, text }: ForestRow["marks"][number]): string {
  return `${metric} ${text === "" ? "-" : text}`;
}

/** Places `content`, whose horizontal positions are in per cent, where the plot is. */
function place(x: number, y: number, height: number, content: Markup): Markup {
  return markup`<svg x="${x}" y="${y}" width="${plotWidth}" height="${height}" overflow="visible">${content}</svg>`;
}

const style = `:root{${fontStack};${lightColours}}@media (prefers-color-scheme:dark){:root{${darkColours}}}${markStyle}${pictureStyle}
.paper{fill:var(--paper)}.label{fill:var(--ink);font-size:13px}.head{fill:var(--ink);font-size:15px;font-weight:650}
.group{fill:var(--ink);font-size:13px;font-weight:650}.small{font-size:11px}`;
