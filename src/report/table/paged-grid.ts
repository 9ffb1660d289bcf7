// Draws a grid of more columns than a terminal is wide: pages of columns, each with the first column.

import { type Grid, renderGrid, widthOf } from "./grid.ts";

/** Returns the pages of `grid`, each at most `width` columns wide where that is possible. */
export function pagesOf(grid: Grid, width: number, draw: typeof renderGrid = renderGrid): string[][] {
  const pages: string[][] = [];
  for (let from = 1; from < grid.columns.length;) {
    let to = fitting(grid, from, width);
    while (to > from + 1 && widthOf(draw(withoutTitles(part(grid, from, to)), 0)) > width) to -= 1;
    pages.push(draw(part(grid, from, to), 0));
    from = to;
  }
  return pages;
}

/** Returns the end of a page that begins with column `from`, by the widths of the columns without their upper heads. */
function fitting({ columns, rows }: Grid, from: number, width: number): number {
  const widthOfColumn = (i: number): number =>
    widthOf([columns[i]?.head ?? "", ...rows.flatMap((row) => (typeof row === "string" ? [] : (row[i] ?? [])))]);
  let used = widthOfColumn(0);
  for (let to = from; to < columns.length; to++) {
    used += 2 + widthOfColumn(to);
    if (used > width) return Math.max(to, from + 1);
  }
  return columns.length;
}

/** Returns the first column of `grid` and those of `from` up to `to`. */
function part({ columns, rows }: Grid, from: number, to: number): Grid {
  const cut = <T>(items: readonly T[]): T[] => [...items.slice(0, 1), ...items.slice(from, to)];
  return { columns: cut(columns), rows: rows.map((row) => (typeof row === "string" ? row : cut(row))) };
}

/** Leaves out lines across all columns: these may be wider. */
function withoutTitles({ columns, rows }: Grid): Grid {
  return { columns, rows: rows.filter((row) => typeof row !== "string") };
}
