// The table on a terminal (docs/design.md, "The table"): the seed article's shape, with honesty in the margins.

import { printable } from "../../domain/printable.ts";
import type { Column, Grid } from "./grid.ts";
import { renderGrid, widthOf, wrapText } from "./grid.ts";
import { unitFor } from "../text/numbers.ts";
import { speedupText, columnHead, speedupHead, timeText } from "./cell-text.ts";
import type { CellView, RowGroup, TableLine, TableView } from "./table-view.ts";

/** The table of `view`, at most `width` columns wide as far as it can be, its columns as `draw` gives them; ends with a line end. */
export function table(view: TableView, width: number, draw: typeof renderGrid = renderGrid): string {
  const lines = [
    ...wrapText(view.header, width),
    ...fitting(view, width, draw),
    ...view.footer.flatMap((line) => wrapText(line, width)),
  ];
  // Names may be of a run that somebody else stored.
  return `${lines.map(printable).join("\n")}\n`;
}

/**
 * First the values' cpu columns go, then the implementations move from the labels into titles, last the values go. With
 * three sides and more the contenders stand one below the other before that, each as a table of two sides has it.
 */
function fitting(view: TableView, width: number, draw: typeof renderGrid): string[] {
  const several = view.contenders.length > 1;
  const forms = [
    { view, without: 0 },
    { view, without: 2 },
    { view: titled(view), without: 2 },
    ...(several ? [] : [{ view: titled(view), without: 1 }]),
  ];
  const drawings = forms.map((form) => draw(gridOf(form.view), form.without));
  const found = drawings.find((lines) => widthOf(lines) <= width);
  if (found === undefined && several)
    return view.contenders.flatMap((side) => fitting(against(view, side), width, draw));
  return found ?? drawings.at(-1) ?? [];
}

/** `view` with one of its contenders alone. */
function against(view: TableView, contender: string): TableView {
  const sides = view.sides.filter((side) => side === contender || !view.contenders.includes(side));
  const shown = (lines: readonly TableLine[]): TableLine[] => lines.filter(({ speedups }) => contender in speedups);
  return { ...view, sides, contenders: [contender], named: true, overall: shown(view.overall) };
}

/** `view` with a title for each implementation, and none in the labels. */
function titled(view: TableView): TableView {
  const overall = view.overall.map((line) => ({ ...line, label: line.short }));
  return { ...view, groups: view.groups.flatMap(byImplementation), overall };
}

function byImplementation(group: RowGroup): RowGroup[] {
  const parts: RowGroup[] = [];
  for (const line of group.lines) {
    const last = parts.at(-1);
    const title = line.impl === undefined ? (last?.title ?? group.title) : `${group.title}, ${line.impl}`;
    const row = { ...line, label: line.short };
    if (last?.title === title) parts[parts.length - 1] = { title, lines: [...last.lines, row] };
    else parts.push({ title, lines: [row] });
  }
  return parts;
}

function gridOf(view: TableView): Grid {
  const values = view.showValues ? view.sides : [];
  const alone = view.contenders.length === 0;
  const columns: Column[] = [
    { over: "", head: "", align: "left", expendable: 0 },
    ...values.flatMap((side): Column[] => [
      { over: columnHead(view, side), head: "real", align: "right", expendable: alone ? 0 : 1 },
      { over: columnHead(view, side), head: "cpu", align: "right", expendable: alone ? 0 : 2 },
    ]),
    ...view.contenders.flatMap((side): Column[] => {
      const over = speedupHead(view, side);
      return [
        { over, head: "real", align: "left", expendable: 0 },
        { over, head: "cpu", align: "left", expendable: 0 },
      ];
    }),
  ];
  const lines = view.groups.flatMap((group) => groupRows(group, view, values));
  return { columns, rows: [...lines, ...view.overall.map((line) => lineRow(line, view, values))] };
}

function groupRows(group: RowGroup, view: TableView, values: readonly string[]): (readonly string[] | string)[] {
  return [group.title, ...group.lines.map((line) => lineRow({ ...line, label: `  ${line.label}` }, view, values))];
}

/** The texts of `line`: its label, the values of the sides in `values`, the speedups. */
export function lineRow(line: TableLine, view: TableView, values: readonly string[]): string[] {
  const times = values
    .flatMap((side) => [line.cells[side]?.real, line.cells[side]?.cpu])
    .flatMap((cell) => (cell?.time_s == null ? [] : [cell.time_s]));
  const unit = unitFor(times);
  const shown = (cell: CellView | undefined): string => timeText(cell, unit);
  return [
    line.label,
    ...values.flatMap((side) => [shown(line.cells[side]?.real), shown(line.cells[side]?.cpu)]),
    ...view.contenders.flatMap((side) => [
      speedupText(line.speedups[side]?.real),
      speedupText(line.speedups[side]?.cpu),
    ]),
  ];
}
