// Writes CSV by RFC 4180: a header, CRLF, quotes where a cell needs them. An absent value is an empty cell.
//
// The file has two kinds of readers. A program needs each text unchanged. A spreadsheet takes a text that begins with =
// + - or @ for a formula, quoted or not, and a formula can make network calls. Names and reasons here may come from a
// machine or from somebody else's results folder, which are not trusted. So such a text gets an apostrophe in front, as
// spreadsheets themselves write it. Numbers are timetrial's own and stay numbers, negative ones too. JSON has all texts
// unchanged.

import { escapeUnprintable } from "../../domain/printable.ts";

export type CsvCell = string | number | boolean | null | undefined;

/** Returns the text of a file with `columns` and `rows`. Each row is as long as `columns`. */
export function csvLines(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map(csvLine).join("");
}

/** Returns one line of such a file. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

// The pattern includes the wide forms of CJK keyboards, and the characters that spreadsheets skip at the start of a
// cell.
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Returns a cell as it is written. */
export function csvCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  // Line ends and tabs are content, within quotes. Other control characters are written as \uXXXX, so that nothing is
  // lost.
  const text = escapeUnprintable(cell);
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
