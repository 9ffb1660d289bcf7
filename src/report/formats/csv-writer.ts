// CSV as RFC 4180 has it: a header, CRLF, quotes where a cell needs them. An absent value is an empty cell.
//
// Two readers, and they want different things. A program wants the text as it is; a spreadsheet takes a text that begins
// with = + - or @ for a formula, quoted or not, and a formula can call out to the net. Names and reasons here may come
// from a machine or from somebody else's results folder, which are not trusted: so such a text gets an apostrophe before
// it, as spreadsheets themselves write it. Numbers are ours, and stay numbers, negative ones too. JSON has all texts
// unchanged.

import { escapeUnprintable } from "../../domain/printable.ts";

export type CsvCell = string | number | boolean | null | undefined;

/** The text of a file with `columns` and `rows`, each row as long as `columns`. */
export function csvLines(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map((cells) => `${cells.map(written).join(",")}\r\n`).join("");
}

// With the wide forms of CJK keyboards, and what spreadsheets skip at the start of a cell.
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function written(cell: CsvCell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  // Line ends and tabs are content, within quotes; other control characters are written as \uXXXX: nothing is lost.
  const text = escapeUnprintable(cell);
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
