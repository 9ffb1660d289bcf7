// Draws the table on a terminal (docs/design.md, "The table"): the seed article's shape, with caveats in the margins.

import { printable } from "../../domain/printable.ts";
import type { Column, Grid } from "./grid.ts";
import { leftColumn, renderGrid, widthOf, wrapText } from "./grid.ts";
import type { TimeUnit } from "../text/numbers.ts";
import { columnHead, spanText, speedupHead, speedupText, timeText, unitOfLines } from "./cell-text.ts";
import type { CellView, RowGroup, TableLine, TableView } from "./table-view.ts";

/**
 * Returns the table of `view`, at most `width` columns wide where that is possible; ends with a line end. `draw`
 * renders its columns.
 */
export function table(view: TableView, width: number, draw: typeof renderGrid = renderGrid): string {
  const lines = [
    ...wrapText(view.header, width),
    ...tableBody(view, width, draw),
    ...view.footer.flatMap((line) => wrapText(line, width)),
    ...(view.closing === undefined ? [] : wrapText(view.closing, width)),
    ...(view.gate ?? []).flatMap((line) => wrapText(line, width)),
  ];
  // Names may be from a run that somebody else stored.
  return `${lines.map(printable).join("\n")}\n`;
}

/**
 * Returns the widest form that fits into `width`. First the cpu columns of the values are left out. Then the
 * implementations move from the labels into titles. Last, each side gets a line of its own below the row. With --wide
 * and three or more sides, the contenders come before that as tables of two sides, one below the other.
 */
export function tableBody(view: TableView, width: number, draw: typeof renderGrid = renderGrid): string[] {
  const several = view.contenders.length > 1;
  let lines: string[] = [];
  for (const { grid, without } of formsOf(view)) {
    lines = draw(grid, without);
    if (widthOf(lines) <= width) return lines;
  }
  if (several && view.layout !== "stacked")
    return view.contenders.flatMap((side) => tableBody(onlyAgainst(view, side), width, draw));
  return lines;
}

interface TableForm {
  readonly grid: Grid;
  /** Columns whose `expendable` is this number or more are left out; 0: none. */
  readonly without: number;
}

/** Yields the forms of the table, the widest first. One that is not asked for is not made. */
function* formsOf(view: TableView): Iterable<TableForm> {
  if (view.layout !== "stacked") {
    const grid = gridOf(view);
    yield { grid, without: 0 };
    if (view.factors !== undefined) yield { grid, without: 4 };
    yield { grid, without: 3 };
    yield { grid, without: 2 };
    yield { grid: gridOf(titled(view)), without: 2 };
    if (view.contenders.length !== 1) return;
  }
  const grid = stackedGrid(view);
  for (const without of [0, 4, 3, 2, 1]) yield { grid, without };
}

/** Returns `view` with one of its contenders alone. */
function onlyAgainst(view: TableView, contender: string): TableView {
  const sides = view.sides.filter((side) => side === contender || !view.contenders.includes(side));
  const shown = (lines: readonly TableLine[]): TableLine[] => lines.filter(({ speedups }) => contender in speedups);
  return { ...view, sides, contenders: [contender], named: true, overall: shown(view.overall) };
}

/** Returns `view` with a title for each implementation, and no implementation in the labels. */
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
  if (view.contenders.length === 0) return oneSideGrid(view, values);
  const columns: Column[] = [
    leftColumn(""),
    ...values.flatMap((side): Column[] => [
      { over: columnHead(view, side), head: "real", align: "right", expendable: 1 },
      { over: columnHead(view, side), head: "cpu", align: "right", expendable: 2 },
    ]),
    ...view.contenders.flatMap((side): Column[] => {
      const over = speedupHead(view, side);
      return [
        { over, head: "real", align: "left", expendable: 0 },
        { over, head: "cpu", align: "left", expendable: 0 },
        ...(view.factors ?? []).map((head): Column => ({
          over: `why ${over}, cpu`,
          head,
          align: "left",
          expendable: 4,
        })),
      ];
    }),
  ];
  const rows = view.groups.flatMap(({ title, lines }) => {
    const unit = unitOfLines(lines, values);
    return [title, ...lines.map((line) => lineRow({ ...line, label: `  ${line.label}` }, view, values, unit))];
  });
  return { columns, rows: [...rows, ...view.overall.map((line) => lineRow(line, view, values, "s"))] };
}

/** Returns the grid of one side: its times and how they spread. */
function oneSideGrid(view: TableView, sides: readonly string[]): Grid {
  const column = (side: string, head: string, expendable: number): Column => ({
    over: columnHead(view, side),
    head,
    align: "right",
    expendable,
  });
  const soFar = view.soFar === true;
  const columns: Column[] = [
    leftColumn(""),
    ...sides.flatMap((side) => [
      column(side, "real", 0),
      ...(soFar ? [] : [column(side, "(95 %)", 2), column(side, "min … max", 3)]),
      column(side, "cpu", 0),
    ]),
  ];
  const rows = view.groups.flatMap(({ title, lines }) => {
    const unit = unitOfLines(lines, sides);
    return [
      title,
      ...lines.map((line) => [
        `  ${line.label}`,
        ...sides.flatMap((side) => {
          const { real, cpu } = line.cells[side] ?? {};
          const spread = [spanText(real?.interval_s, unit, "-"), spanText(real?.range_s, unit, " … ")];
          return [timeText(real, unit), ...(soFar ? [] : spread), timeText(cpu, unit)];
        }),
      ]),
    ];
  });
  return { columns, rows };
}

/**
 * Returns a grid with a line for each side below each row. A group of one row, as with commands on one machine, has no
 * line of its own for the row.
 */
function stackedGrid(view: TableView): Grid {
  const over = view.contenders.length === 0 ? "" : speedupHead({ ...view, named: false, contenders: [""] }, "");
  const columns: Column[] = [
    leftColumn(""),
    { over: " ", head: "real", align: "right", expendable: 0 },
    ...(view.soFar === true ? [] : [{ over: " ", head: "min … max", align: "right", expendable: 4 } as const]),
    { over: " ", head: "cpu", align: "right", expendable: 3 },
    { over, head: "real", align: "left", expendable: 0 },
    { over, head: "cpu", align: "left", expendable: 2 },
  ];
  const cellsOf = (line: TableLine, side: string, unit: TimeUnit): string[] => {
    const { real, cpu } = line.cells[side] ?? {};
    const speedup = line.speedups[side];
    const isBaseline = side === view.baseline && speedup === undefined && view.contenders.length > 0;
    return [
      timeText(real, unit),
      ...(view.soFar === true ? [] : [spanText(real?.range_s, unit, " … ")]),
      timeText(cpu, unit),
      isBaseline ? "baseline" : speedupText(speedup?.real),
      isBaseline ? "" : speedupText(speedup?.cpu),
    ];
  };
  const linesOf = (line: TableLine, indent: string, unit: TimeUnit): string[][] =>
    (Object.keys(line.cells).length === 0 ? view.contenders : view.sides).map((side) => [
      `${indent}${columnHead(view, side)}`,
      ...cellsOf(line, side, unit),
    ]);
  const rows = view.groups.flatMap(({ title, lines }) => {
    const unit = unitOfLines(lines, view.sides);
    const [only, another] = lines;
    if (only !== undefined && another === undefined && view.layout === "stacked" && view.commands === true)
      return linesOf(only, "", unit);
    return [title, ...lines.flatMap((line) => [`  ${line.label}`, ...linesOf(line, "    ", unit)])];
  });
  const overall = view.overall.flatMap((line) => [line.label, ...linesOf(line, "  ", "s")]);
  return { columns, rows: [...rows, ...overall] };
}

/** Returns the texts of `line`: its label, the values of the sides in `values`, the speedups. */
export function lineRow(line: TableLine, view: TableView, values: readonly string[], unit: TimeUnit): string[] {
  const shown = (cell: CellView | undefined): string => timeText(cell, unit);
  return [
    line.label,
    ...values.flatMap((side) => [shown(line.cells[side]?.real), shown(line.cells[side]?.cpu)]),
    ...view.contenders.flatMap((side) => [
      speedupText(line.speedups[side]?.real),
      speedupText(line.speedups[side]?.cpu),
      ...(view.factors ?? []).map((_, i) => line.factors?.[side]?.[i] ?? ""),
    ]),
  ];
}
