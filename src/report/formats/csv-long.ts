// Formats every trial for programs: one line each, with all fields of its record, the unit in each name.
//
// The columns are the same for every run, except those of parameters and of what steps reported: `params.NAME`,
// `reported.NAME`.

import type { AnyRecord } from "../../domain/published/figures.ts";
import { readingNames } from "../../domain/run/processor-readings.ts";
import { type CsvCell, csvLines } from "./csv-writer.ts";

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
 * Returns `records` as CSV, in the order of the run, with warm-up, failures and tainted trials. `runs`: the run's name
 * by side. `cpu_s` is set for published figures whose source gives no other CPU time; elsewhere CPU is user_s +
 * system_s.
 */
export function csvLong(records: readonly AnyRecord[], runs: ReadonlyMap<string, string>): string {
  const [params, reported] = (["params", "reported"] as const).map((field) => [
    ...new Set(records.flatMap((record) => Object.keys(member(record, field)))),
  ]) as [string[], string[]];
  return csvLines(
    ["run", ...fields, ...params.map((name) => `params.${name}`), ...reported.map((name) => `reported.${name}`)],
    records.map((record): CsvCell[] => [
      runs.get(record.side),
      ...fields.map((field) => flat((record as Readonly<Record<string, unknown>>)[field])),
      ...params.map((name) => member(record, "params")[name]),
      ...reported.map((name) => member(record, "reported")[name]),
    ]),
  );
}

function member(record: AnyRecord, field: "params" | "reported"): Readonly<Record<string, string>> {
  return (record as { readonly [F in typeof field]?: Readonly<Record<string, string>> | undefined })[field] ?? {};
}

function flat(value: unknown): CsvCell {
  return Array.isArray(value) ? value.join(" ") : (value as CsvCell);
}
