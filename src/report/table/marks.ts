// The marks of a table, and where docs/table.md says what each means.

/** Each mark of a cell, and the heading of its meaning in docs/table.md. */
export const tableMarks = {
  "~": "No difference shown",
  "‡": "No interval",
  "†": "An explanation below",
  "!": "Most runs left out",
  fail: "Failed",
  "t/o": "Timed out",
  "-": "Not run",
  short: "Too short",
} as const;

export type TableMark = keyof typeof tableMarks;

const page = "https://github.com/timetrial/timetrial/blob/main/docs/table.md";

/** Returns the address of the meaning of `mark`. */
export function markUrl(mark: TableMark): string {
  return `${page}#${tableMarks[mark].toLowerCase().replaceAll(" ", "-")}`;
}

/** Returns the mark that `word` of a cell is; undefined where it is none. */
export function markOf(word: string): TableMark | undefined {
  const mark = word.startsWith("†") ? "†" : word;
  return Object.hasOwn(tableMarks, mark) ? (mark as TableMark) : undefined;
}
