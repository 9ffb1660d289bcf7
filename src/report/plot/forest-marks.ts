// Draws the marks of one row of a forest as SVG. Horizontal positions are in per cent of the surrounding element,
// vertical ones in pixels.

import { markup, type Markup } from "../text/markup.ts";
import type { ForestRow, Mark } from "./forest.ts";
import type { Scale } from "./scale.ts";

/** Height of a row, in pixels. */
export const rowHeight = 30;

const lane = { real: 10, cpu: 21 } as const;

/** Draws the grid of a row and the line at 1, and the marks on them. */
export function rowMarks(row: ForestRow, scale: Scale): Markup {
  return markup`${grid(scale, rowHeight)}${row.marks.map((mark) => drawn(mark, row.mean, scale))}`;
}

function grid(scale: Scale, height: number): Markup {
  return markup`${scale.ticks.map(
    (tick) =>
      markup`<line class="${tick === 1 ? "one" : "grid"}" x1="${scale.at(tick)}%" x2="${scale.at(tick)}%" y1="0" y2="${height}"/>`,
  )}`;
}

function drawn(mark: Mark, mean: boolean, scale: Scale): Markup | undefined {
  if (mark.value === null) return undefined;
  const y = lane[mark.metric];
  const x = scale.at(mark.value);
  const { lo, hi } = mark;
  const line =
    lo === null || hi === null
      ? undefined
      : markup`<line class="reach${mark.range ? " range" : ""}" x1="${scale.at(lo)}%" x2="${scale.at(hi)}%" y1="${y}" y2="${y}"/>${end(lo, y, scale)}${end(hi, y, scale)}`;
  const classes = `${mark.metric} ${mark.shown ? "" : "unsure"} ${mean ? "mean" : ""}`.trim();
  return markup`<g class="${classes}"><title>${mark.metric} ${mark.text}</title>${line}${symbol(x, y, mean)}</g>`;
}

/** Draws a stroke where the interval ends; none where the interval goes on beyond the plot. */
function end(value: number, y: number, scale: Scale): Markup | undefined {
  if (!scale.holds(value)) return undefined;
  return markup`<line class="reach" x1="${scale.at(value)}%" x2="${scale.at(value)}%" y1="${y - 3}" y2="${y + 3}"/>`;
}

function symbol(x: number, y: number, mean: boolean): Markup {
  if (!mean) return markup`<circle class="dot" cx="${x}%" cy="${y}" r="4"/>`;
  // A path cannot be placed in per cent. The svg element around it can.
  return markup`<svg x="${x}%" y="${y}" overflow="visible"><path class="dot" d="M-6 0L0-5L6 0L0 5Z"/></svg>`;
}
