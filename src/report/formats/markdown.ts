// Formats the table for an issue or a page on GitHub. The text of a name must neither end a cell nor become markup.

import type { Grid } from "../table/grid.ts";
import { escapeMarkdown, markdownLine } from "../text/markdown-text.ts";
import type { TimeUnit } from "../text/numbers.ts";
import { columnHead, speedupHead, speedupText, timeText, unitOfLines } from "../table/cell-text.ts";
import type { TableLine, TableView } from "../table/table-view.ts";

/** Returns `view` as GitHub's Markdown: a line on what is compared, a table, and its footnotes as a list. */
export function markdown(view: TableView): string {
  const sides = view.showValues ? view.sides : [];
  const metrics = ["real", "cpu"] as const;
  const heads = [
    "",
    ...sides.flatMap((side) => metrics.map((metric) => `${escapeMarkdown(columnHead(view, side))} ${metric}`)),
    ...view.contenders.flatMap((side) => [
      ...metrics.map((metric) => `${escapeMarkdown(speedupHead(view, side))}, ${metric}`),
      ...(view.factors ?? []).map((factor) => `${escapeMarkdown(columnHead(view, side))}, ${factor}`),
    ]),
  ];
  const aligned = [
    ":--",
    ...sides.flatMap(() => ["--:", "--:"]),
    ...view.contenders.flatMap(() => [":--", ":--", ...(view.factors ?? []).map(() => ":--")]),
  ];
  const blank = heads.slice(1).map(() => "");
  const rows = [
    ...view.groups.flatMap(({ title, lines }) => [
      [`**${escapeMarkdown(title)}**`, ...blank],
      ...lines.map((line) => cellsOf(line, view, sides, unitOfLines(lines, sides))),
    ]),
    ...view.overall.map((line) => cellsOf(line, view, sides, "s")),
  ];
  return [
    escapeMarkdown(view.header),
    "",
    ...[heads, aligned, ...rows].map(markdownLine),
    "",
    ...[...view.footer, ...(view.closing === undefined ? [] : [view.closing])]
      .flatMap((line) => line.split(/ {3,}/))
      .map((line) => `- ${escapeMarkdown(line)}`),
    "",
  ].join("\n");
}

/** Returns a block that stands below the table, with its footnotes. */
export function markdownBlock({ columns, rows }: Grid, footer: readonly string[]): string {
  const heads = columns.map(({ over, head }) => escapeMarkdown(`${over} ${head}`.trim()));
  const aligned = columns.map(({ align }) => (align === "left" ? ":--" : "--:"));
  const cells = rows.map((row) => (typeof row === "string" ? [row] : row).map((cell) => escapeMarkdown(cell.trim())));
  return [
    "",
    ...[heads, aligned, ...cells].map(markdownLine),
    "",
    ...footer.map((line) => `- ${escapeMarkdown(line)}`),
    "",
  ].join("\n");
}

function cellsOf(line: TableLine, view: TableView, sides: readonly string[], unit: TimeUnit): string[] {
  const cells = sides.flatMap((side) => [line.cells[side]?.real, line.cells[side]?.cpu]);
  return [
    line.label,
    ...cells.map((cell) => timeText(cell, unit)),
    ...view.contenders.flatMap((side) => [
      speedupText(line.speedups[side]?.real),
      speedupText(line.speedups[side]?.cpu),
      ...(view.factors ?? []).map((_, i) => line.factors?.[side]?.[i] ?? ""),
    ]),
  ].map(escapeMarkdown);
}
