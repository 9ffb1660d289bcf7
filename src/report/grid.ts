// Columns of text without a frame, and what may go when the terminal is narrow.

import CliTable from "cli-table3";
import stringWidth from "string-width";

export interface Column {
  /** Stands above the heads of all neighbours that have the same. */
  readonly over: string;
  readonly head: string;
  readonly align: "left" | "right";
  /** The higher, the earlier it may go where the width does not suffice; 0 stays. */
  readonly expendable: number;
}

export interface Grid {
  readonly columns: readonly Column[];
  /** Rows of cells, one a column; a text alone stands for a line across. */
  readonly rows: readonly (readonly string[] | string)[];
}

const gap = "  ";
const noFrame = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: gap,
};

/** The lines of `grid` without its columns that are expendable to `from` or more; all columns stay where it is 0. */
export function drawn(grid: Grid, from: number): string[] {
  const stays = grid.columns.map((column) => from === 0 || column.expendable < from);
  return draw({
    columns: grid.columns.filter((_, i) => stays[i]),
    rows: grid.rows.map((row) => (typeof row === "string" ? row : row.filter((_, i) => stays[i]))),
  });
}

export function widthOf(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => stringWidth(line)));
}

function draw({ columns, rows }: Grid): string[] {
  const table = new CliTable({
    chars: noFrame,
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(
    spanning(columns),
    columns.map(({ head }) => head),
  );
  for (const row of rows) if (typeof row !== "string") table.push([...row]);
  const cells = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  const heads = cells.splice(0, 2);
  return [...heads, ...rows.map((row) => (typeof row === "string" ? row : (cells.shift() ?? "")))];
}

/** The heads above the heads, each over all neighbours that share it. */
function spanning(columns: readonly Column[]): CliTable.Cell[] {
  const cells: { content: string; colSpan: number; hAlign: "left" | "center" }[] = [];
  for (const [i, { over, align }] of columns.entries()) {
    const last = cells.at(-1);
    if (last !== undefined && columns[i - 1]?.over === over) last.colSpan += 1;
    else cells.push({ content: over, colSpan: 1, hAlign: align === "left" ? "left" : "center" });
  }
  return cells;
}

/** `text` in lines of at most `width` columns, broken at blanks; later lines are set in by two. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines;
}
