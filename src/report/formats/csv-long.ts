// Formats every trial for programs: one line each, with all fields of its record, the unit in each name.
//
// The columns are the same for every run, except those of parameters and of what steps reported: `params.NAME`,
// `reported.NAME`.

import type { AnyRecord } from "../../domain/published/figures.ts";
import { readingNames } from "../../domain/run/processor-readings.ts";
import type { ValueColumn, WordColumn } from "../../domain/records/columns.ts";
import { RecordColumns, type Records } from "../../domain/records/record-columns.ts";
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
export function* csvLong(given: Records<AnyRecord>, runs: ReadonlyMap<string, string>): Generator<string> {
  const records = RecordColumns.from(given);
  const params = namesOf(records.params.values);
  const reported = namesOf(records.reported.values);
  const header = [...params.map((name) => `params.${name}`), ...reported.map((name) => `reported.${name}`)];
  yield csvLine(["run", ...fields, ...header]);
  const cells: Cell[] = [
    // The run of a side, and texts that repeat, are written once.
    writtenOnce(records.word("side"), (side) => runs.get(side)),
    ...fields.map((field) => cellOf(records, field)),
    ...params.map((name) => writtenOnce(records.params, (texts) => texts[name])),
    ...reported.map((name) => writtenOnce(records.reported, (texts) => texts[name])),
  ];
  // Joined at once: to add each text to the last makes a string of each.
  let lines: string[] = [];
  let length = 0;
  const { filled, end } = differing(cells);
  const texts = [...filled.flatMap(({ before }) => [before, ""]), end];
  for (let i = 0; i < records.length; i++) {
    for (let k = 0; k < filled.length; k++) texts[2 * k + 1] = (filled[k] as FilledCell).cell(i);
    const line = texts.join("");
    lines.push(line);
    length += line.length;
    if (length < piece_length) continue;
    yield lines.join("");
    lines = [];
    length = 0;
  }
  yield lines.join("");
}

/** Characters that are written at once. */
const piece_length = 65_536;

/** Returns the written cell of record `i`; a text where all records have the same. */
type Cell = ((i: number) => string) | string;

/** A cell that differs between records, and what is before it. */
interface FilledCell {
  readonly before: string;
  readonly cell: (i: number) => string;
}

/** Returns the cells that differ between records, and what ends a line: what all lines have alike is joined once. */
function differing(cells: readonly Cell[]): { readonly filled: FilledCell[]; readonly end: string } {
  const filled: FilledCell[] = [];
  let before = "";
  for (const [k, cell] of cells.entries()) {
    if (k > 0) before += ",";
    if (typeof cell === "string") {
      before += cell;
      continue;
    }
    filled.push({ before, cell });
    before = "";
  }
  return { filled, end: `${before}\r\n` };
}

function cellOf(records: RecordColumns, field: (typeof fields)[number]): Cell {
  const column = records.all.get(field);
  if (column?.kind === "number") {
    if (column.isConstant) return column.isAbsent ? "" : String(column.at(0));
    // Most numbers are those of the record before.
    let [latest, text] = [Number.NaN, ""];
    return (i) => {
      const value = column.at(i);
      if (Object.is(value, latest)) return text;
      latest = value;
      text = Number.isNaN(value) ? "" : String(value);
      return text;
    };
  }
  if (field === "tainted") return writtenOnce(records.tainted, (words) => words.join(" "));
  if (column?.kind === "word") return writtenOnce(column as WordColumn, (word) => word);
  if (records.startedAt.isAbsent) return "";
  let [latest, text] = [Number.NaN, ""];
  return (i) => {
    const code = records.startedAt.code(i);
    if (Object.is(code, latest)) return text;
    latest = code;
    text = csvCell(records.startedAt.at(i));
    return text;
  };
}

function writtenOnce<T>(column: ValueColumn<T>, textOf: (value: T) => CsvCell): Cell {
  const written: string[] = column.values.map((value) => (value === undefined ? "" : csvCell(textOf(value))));
  if (column.isConstant) return written[column.id(0)] as string;
  return (i) => written[column.id(i)] as string;
}

/** The names in all of `values`, in order of appearance. */
function namesOf(values: readonly (Readonly<Record<string, string>> | undefined)[]): string[] {
  return [...new Set(values.flatMap((texts) => Object.keys(texts ?? {})))];
}
