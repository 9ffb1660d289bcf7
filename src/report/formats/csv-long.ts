// Formats every trial for programs: one line each, with all fields of its record, the unit in each name.
//
// The columns are the same for every run, except those of parameters and of what steps reported: `params.NAME`,
// `reported.NAME`.

import type { AnyRecord } from "../../domain/published/figures.ts";
import { readingNames } from "../../domain/run/processor-readings.ts";
import type { ValueColumn, WordColumn } from "../../domain/records/columns.ts";
import { RecordColumns, type Records } from "../../domain/records/record-columns.ts";
import { kindWords } from "../../domain/records/record-kinds.ts";
import { ByteText, type EncodedText, type TextPiece } from "../../domain/printable-bytes.ts";
import { type CsvCell, csvCell, csvLine } from "./csv-writer.ts";

/**
 * The fields of a record, in the order of the columns; units as in the record. The columns of `params` and `reported`
 * follow them.
 */
const fields = [
  "schema",
  "suite",
  "row",
  "impl",
  "driver",
  "work_id",
  "side",
  "machine",
  "host_id",
  "round",
  "attempt",
  "started_at",
  "status",
  "reason",
  "real_s",
  "user_s",
  "system_s",
  "cpu_s",
  "real_resolution_s",
  "cpu_resolution_s",
  "capture",
  "check",
  "digest",
  "tainted",
  "exit_status",
  "signal",
  "orphans",
  "orphan_cpu_s",
  "max_rss_bytes",
  "minor_faults",
  "major_faults",
  "voluntary_switches",
  "involuntary_switches",
  "steal_s",
  "others_cpu_s",
  "swapped_pages",
  "load1_before",
  "batch",
  ...readingNames,
] as const;

/**
 * Yields `records` as CSV in pieces, in the order of the run, with warm-up, failures and tainted trials. `runs`: the run's
 * name by side. `cpu_s` is set for published figures whose source gives no other CPU time; elsewhere CPU is user_s +
 * system_s.
 */
export function* csvLong(given: Records<AnyRecord>, runs: ReadonlyMap<string, string>): Generator<TextPiece> {
  const records = RecordColumns.from(given);
  const params = namesOf(records.params.values);
  const reported = namesOf(records.reported.values);
  const header = [...params.map((name) => `params.${name}`), ...reported.map((name) => `reported.${name}`)];
  const text = new ByteText();
  text.add(text.encode(csvLine(["run", ...fields, ...header])));
  const parts = partsOf(text, records, [
    ofKind(records.word("side"), (side) => runs.get(side)),
    ...fields.map((field) => cellOf(records, field)),
    ...params.map((name) => ofKind(records.params, (texts) => texts[name])),
    ...reported.map((name) => ofEach(records.reported, (texts) => texts[name])),
  ]);
  for (let i = 0; i < records.length; i++) {
    for (let k = 0; k < parts.length; k++) (parts[k] as Part)(i);
    if (text.isPiece) yield text.take();
  }
  yield text.take();
}

/** A cell: a text where all records have the same, a text by record where all of one kind have the same, or what adds it. */
type Cell =
  | { readonly same: string }
  | { readonly ofKind: (i: number) => string }
  | { readonly add: (text: ByteText, i: number) => void };

/** Adds a part of the line of record `i`. */
type Part = (i: number) => void;

/** Returns the parts of a line in `text`: cells side by side that all records of a kind have alike are one, written once. */
function partsOf(text: ByteText, { kinds }: RecordColumns, cells: readonly Cell[]): Part[] {
  const parts: Part[] = [];
  let alike: (string | ((i: number) => string))[] = [];
  const endAlike = (): void => {
    const written = kinds.first.map((i) =>
      text.encode(alike.map((cell) => (typeof cell === "string" ? cell : cell(i))).join("")),
    );
    parts.push((i) => text.add(written[kinds.of[i] as number] as EncodedText));
    alike = [];
  };
  for (const [k, cell] of cells.entries()) {
    if (k > 0) alike.push(",");
    if ("same" in cell) alike.push(cell.same);
    else if ("ofKind" in cell) alike.push(cell.ofKind);
    else {
      endAlike();
      parts.push((i) => cell.add(text, i));
    }
  }
  alike.push("\r\n");
  endAlike();
  return parts;
}

function cellOf(records: RecordColumns, field: (typeof fields)[number]): Cell {
  const column = records.all.get(field);
  if (column?.kind === "number") {
    if (column.isConstant) return { same: column.isAbsent ? "" : String(column.at(0)) };
    return {
      add: (text, i) => {
        const value = column.at(i);
        if (!Number.isNaN(value)) text.addNumber(value);
      },
    };
  }
  if (field === "tainted") return ofKind(records.tainted, (words) => words.join(" "));
  if (column?.kind === "word") {
    const isOfKind = (kindWords as readonly string[]).includes(field);
    return (isOfKind ? ofKind : ofEach)(column as WordColumn, (word) => word);
  }
  if (records.startedAt.isAbsent) return { same: "" };
  let latest: { readonly code: number; readonly written: EncodedText } | undefined;
  return {
    add: (text, i) => {
      const code = records.startedAt.code(i);
      if (latest === undefined || !Object.is(code, latest.code))
        latest = { code, written: text.encode(csvCell(records.startedAt.at(i))) };
      text.add(latest.written);
    },
  };
}

/** Returns the cell of a column that tells the kinds of records from each other. */
function ofKind<T>(column: ValueColumn<T>, textOf: (value: T) => CsvCell): Cell {
  const cells = textsOf(column, textOf);
  return column.isConstant ? { same: cells[column.id(0)] as string } : { ofKind: (i) => cells[column.id(i)] as string };
}

/** Returns the cell of a column in which records of one kind differ. */
function ofEach<T>(column: ValueColumn<T>, textOf: (value: T) => CsvCell): Cell {
  const cells = textsOf(column, textOf);
  if (column.isConstant) return { same: cells[column.id(0)] as string };
  const written: EncodedText[] = [];
  return {
    add: (text, i) => {
      const id = column.id(i);
      text.add((written[id] ??= text.encode(cells[id] as string)));
    },
  };
}

/** Returns the cells of all values of `column`, by id. */
function textsOf<T>(column: ValueColumn<T>, textOf: (value: T) => CsvCell): string[] {
  return column.values.map((value) => (value === undefined ? "" : csvCell(textOf(value))));
}

/** The names in all of `values`, in order of appearance. */
function namesOf(values: readonly (Readonly<Record<string, string>> | undefined)[]): string[] {
  return [...new Set(values.flatMap((texts) => Object.keys(texts ?? {})))];
}
