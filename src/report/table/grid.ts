// Draws columns of text without a frame, and leaves out columns where the terminal is narrow.

import CliTable from "cli-table3";
import stringWidth from "string-width";

export interface Column {
  /** A head above the heads of all neighbours with the same `over`. */
  readonly over: string;
  readonly head: string;
  readonly align: "left" | "right";
  /** Columns with a higher number are left out first where the width is too small; a column with 0 stays. */
  readonly expendable: number;
}

/** Returns a column of texts that always stays, with `head` alone above it. */
export function leftColumn(head: string): Column {
  return { over: "", head, align: "left", expendable: 0 };
}

export interface Grid {
  readonly columns: readonly Column[];
  /** Rows of cells, one for each column; a row that is a text is a line across all columns. */
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
  // The gap is one blank between columns and one of padding. cli-table3 counts one blank between the columns below a
  // head that spans several.
  middle: " ",
};

/**
 * Returns the lines of `grid` without the columns whose `expendable` is `from` or more. All columns stay where `from`
 * is 0.
 */
export function renderGrid(grid: Grid, from: number): string[] {
  const stays = grid.columns.map((column) => from === 0 || column.expendable < from);
  return draw({
    columns: grid.columns.filter((_, i) => stays[i]),
    rows: grid.rows.map((row) => (typeof row === "string" ? row : row.filter((_, i) => stays[i]))),
  });
}

export function widthOf(lines: readonly string[]): number {
  return Math.max(0, ...lines.map(quickWidth));
}

function draw({ columns, rows }: Grid): string[] {
  const table = new CliTable({
    chars: noFrame,
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 1, "padding-right": 0, compact: true },
  });
  table.push(
    spanningHeads(columns),
    columns.map(({ head }) => head),
  );
  for (const row of rows) if (typeof row !== "string") table.push([...row]);
  const cells = table
    .toString()
    .split("\n")
    .map((line) => line.slice(1).trimEnd());
  const heads = cells.splice(0, 2);
  return [...heads, ...rows.map((row) => (typeof row === "string" ? row : (cells.shift() ?? "")))];
}

interface SpanningHead {
  readonly content: string;
  readonly colSpan: number;
  readonly hAlign: "left" | "center";
}

/** Returns the upper heads, each over all neighbours that share it. */
function spanningHeads(columns: readonly Column[]): SpanningHead[] {
  const cells: { content: string; colSpan: number; hAlign: "left" | "center" }[] = [];
  for (const [i, { over, align }] of columns.entries()) {
    const last = cells.at(-1);
    if (last !== undefined && columns[i - 1]?.over === over) last.colSpan += 1;
    else cells.push({ content: over, colSpan: 1, hAlign: align === "left" ? "left" : "center" });
  }
  return cells;
}

/**
 * Returns the same lines as `renderGrid`, at a twentieth of the cost. It is for the live view alone, which redraws the
 * table beside what is timed; cli-table3 draws a printed table. A test checks that both return the same text.
 */
export function renderGridFast({ columns, rows }: Grid, from: number): string[] {
  const stays = columns.map((column) => from === 0 || column.expendable < from);
  const shown = columns.filter((_, i) => stays[i]);
  const cells = rows.map((row) => (typeof row === "string" ? row : row.filter((_, i) => stays[i])));
  const over = spanningHeads(shown);
  const heads = [shown.map(({ head }) => head), ...cells.filter((row) => typeof row !== "string")];
  const widths = shown.map((_, i) => Math.max(...heads.map((row) => quickWidth(row[i] ?? ""))));
  let at = shown.length;
  for (const { content, colSpan } of over.toReversed()) {
    at -= colSpan;
    widen(widths, at, colSpan, quickWidth(content));
  }
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => padded(text, widths[i] as number, shown[i]?.align ?? "left"))
      .join(gap)
      .trimEnd();
  const spans: string[] = [];
  for (const { content, colSpan, hAlign } of over) {
    spans.push(padded(content, spanWidth(widths, at, colSpan), hAlign));
    at += colSpan;
  }
  return [
    spans.join(gap).trimEnd(),
    line(shown.map(({ head }) => head)),
    ...cells.map((row) => (typeof row === "string" ? row : line(row))),
  ];
}

/** Makes the columns from `at` on together as wide as the head above them. */
function widen(widths: number[], at: number, count: number, wanted: number): void {
  for (let i = 0; i < count; i++) {
    const missing = wanted - spanWidth(widths, at, count);
    if (missing > 0) widths[at + i] = (widths[at + i] as number) + Math.round(missing / (count - i));
  }
}

function spanWidth(widths: readonly number[], at: number, count: number): number {
  return widths.slice(at, at + count).reduce((sum, width) => sum + width, (count - 1) * gap.length);
}

function padded(text: string, width: number, align: "left" | "right" | "center"): string {
  const blanks = Math.max(0, width - quickWidth(text));
  const before = align === "left" ? 0 : align === "right" ? blanks : Math.floor(blanks / 2);
  return " ".repeat(before) + text + " ".repeat(blanks - before);
}

function quickWidth(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** Texts whose characters are one column each. They need no measurement, which is slow. */
const plain = /^[\x20-\x7e]*$/;

/** Returns as much of `text` as fits into `width` columns. */
export function truncateToWidth(text: string, width: number): string {
  if (plain.test(text)) return text.slice(0, width);
  let [fitting, used] = ["", 0];
  for (const letter of text) {
    used += stringWidth(letter);
    if (used > width) break;
    fitting += letter;
  }
  return fitting;
}

/**
 * Breaks `text` into lines of at most `width` columns. Facts that three blanks part stand on one line where they fit,
 * else on lines of their own.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const fact of text.split("   ")) {
    const last = lines.at(-1);
    if (last !== undefined && quickWidth(last) + 3 + quickWidth(fact) <= width)
      lines[lines.length - 1] = `${last}   ${fact}`;
    else lines.push(...wrapFact(fact, width));
  }
  return lines;
}

/** Breaks `text` at blanks, but not before a percent sign. Later lines are indented by two. */
function wrapFact(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last !== undefined && quickWidth(last) + 1 + quickWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines;
}
