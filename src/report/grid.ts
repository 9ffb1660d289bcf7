// Columns of text without a frame, and what may go when the terminal is narrow.

import CliTable from "cli-table3";
import stringWidth from "string-width";

export interface Column {
  readonly head: string;
  readonly align: "left" | "right";
  /** The higher, the earlier it goes where the width does not suffice; 0 stays. */
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

/** The lines of `grid`, no wider than `width` as far as leaving out expendable columns can help. */
export function drawn(grid: Grid, width: number): string[] {
  const lines = draw(grid);
  if (Math.max(...lines.map(stringWidth)) <= width) return lines;
  const most = Math.max(...grid.columns.map((column) => column.expendable));
  return most === 0 ? lines : drawn(without(grid, most), width);
}

function without(grid: Grid, expendable: number): Grid {
  const stays = grid.columns.map((column) => column.expendable !== expendable);
  return {
    columns: grid.columns.filter((_, i) => stays[i]),
    rows: grid.rows.map((row) => (typeof row === "string" ? row : row.filter((_, i) => stays[i]))),
  };
}

function draw({ columns, rows }: Grid): string[] {
  const table = new CliTable({
    chars: noFrame,
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(columns.map(({ head }) => head));
  for (const row of rows) if (typeof row !== "string") table.push([...row]);
  const cells = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  const head = cells.shift() ?? "";
  return [head, ...rows.map((row) => (typeof row === "string" ? row : (cells.shift() ?? "")))];
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
