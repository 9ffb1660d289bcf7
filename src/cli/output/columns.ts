// Formats lists for people: each column is as wide as its widest cell.

import stringWidth from "string-width";

/**
 * Returns `rows` as lines, with two blanks between columns. The last cell of a row that has
 * fewer cells than others widens no column.
 */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) =>
    Math.max(
      0,
      ...rows.filter((row) => row.length === count || i < row.length - 1).map((row) => stringWidth(row[i] ?? "")),
    ),
  );
  return rows
    .map((row) => row.map((cell, i) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - stringWidth(cell)))).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
