// Lists for people: columns as wide as their widest cell.

import stringWidth from "string-width";

/** `rows` as lines, two blanks between columns. A row that has fewer cells than others ends in one that is no column's. */
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
