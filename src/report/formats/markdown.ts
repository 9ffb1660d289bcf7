// Formats the table for an issue or a page on GitHub. The text of a name must neither end a cell nor become markup.

import { printable } from "../../domain/printable.ts";
import type { Grid } from "../table/grid.ts";
import type { TimeUnit } from "../text/numbers.ts";
import { columnHead, speedupHead, speedupText, timeText, unitOfLines } from "../table/cell-text.ts";
import type { TableLine, TableView } from "../table/table-view.ts";

/** Returns `view` as GitHub's Markdown: a line on what is compared, a table, and its footnotes as a list. */
export function markdown(view: TableView): string {
  const sides = view.showValues ? view.sides : [];
  const metrics = ["real", "cpu"] as const;
  const heads = [
    "",
    ...sides.flatMap((side) => metrics.map((metric) => `${escaped(columnHead(view, side))} ${metric}`)),
    ...view.contenders.flatMap((side) => metrics.map((metric) => `${escaped(speedupHead(view, side))}, ${metric}`)),
  ];
  const aligned = [":--", ...sides.flatMap(() => ["--:", "--:"]), ...view.contenders.flatMap(() => [":--", ":--"])];
  const blank = heads.slice(1).map(() => "");
  const rows = [
    ...view.groups.flatMap(({ title, lines }) => [
      [`**${escaped(title)}**`, ...blank],
      ...lines.map((line) => cellsOf(line, view, sides, unitOfLines(lines, sides))),
    ]),
    ...view.overall.map((line) => cellsOf(line, view, sides, "s")),
  ];
  return [
    escaped(view.header),
    "",
    ...[heads, aligned, ...rows].map(lineOf),
    "",
    ...[...view.footer, ...(view.closing === undefined ? [] : [view.closing])]
      .flatMap((line) => line.split(/ {3,}/))
      .map((line) => `- ${escaped(line)}`),
    "",
  ].join("\n");
}

/** Returns a block that stands below the table, with its footnotes. */
export function markdownBlock({ columns, rows }: Grid, footer: readonly string[]): string {
  const heads = columns.map(({ over, head }) => escaped(`${over} ${head}`.trim()));
  const aligned = columns.map(({ align }) => (align === "left" ? ":--" : "--:"));
  const cells = rows.map((row) => (typeof row === "string" ? [row] : row).map((cell) => escaped(cell.trim())));
  return ["", ...[heads, aligned, ...cells].map(lineOf), "", ...footer.map((line) => `- ${escaped(line)}`), ""].join(
    "\n",
  );
}

function lineOf(cells: readonly string[]): string {
  return `|${cells.map((cell) => ` ${cell} `).join("|")}|`;
}

function cellsOf(line: TableLine, view: TableView, sides: readonly string[], unit: TimeUnit): string[] {
  const cells = sides.flatMap((side) => [line.cells[side]?.real, line.cells[side]?.cpu]);
  return [
    line.label,
    ...cells.map((cell) => timeText(cell, unit)),
    ...view.contenders.flatMap((side) => [
      speedupText(line.speedups[side]?.real),
      speedupText(line.speedups[side]?.cpu),
    ]),
  ].map(escaped);
}

/**
 * Returns `text` on one line, with nothing in it that GitHub would take for markup. A name that looks like a mention or
 * an issue would notify somebody: an empty comment separates its sign.
 *
 * Source: GitHub Flavored Markdown 0.29, 2.4 (backslash escapes) and 4.10 (tables: a pipe is escaped in code, too).
 */
function escaped(text: string): string {
  return printable(text.replace(/[\r\n\t]+/g, " "))
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replace(/(^|[^A-Za-z0-9_/])([@#])(?=[A-Za-z0-9])/g, "$1$2<!-- -->");
}
