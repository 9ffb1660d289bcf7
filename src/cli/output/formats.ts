// The output formats, and the options of a printed run.

import type { Gate } from "../../domain/plan/gate.ts";
import type { BootReportFormat } from "../../report/boot/render-boots.ts";
import type { ReportFormat } from "../../report/render-report.ts";

export interface OutputTarget {
  readonly format: Format;
  /** Absent: standard output. */
  readonly file?: string;
  /** Whether standard output gets colours. */
  readonly isColoured?: boolean;
}

/** `csv-long` has a line for each trial. It is made from the records, not from a report. */
export type Format = ReportFormat | "csv-long";

/** The formats that programs read. Their texts are not cut to the width of a table. */
export const wholeFormats: ReadonlySet<Format> = new Set(["csv", "csv-long", "json", "benchstat"] as const);

export const formats: readonly Format[] = ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"];

/** The formats of a boot run. */
export const bootFormats: readonly BootReportFormat[] = ["table", "json", "csv", "markdown", "html"];

/** Whether one of `targets` is the table, on standard output: it bears the answer of a gate and what was left out. */
export function showsTable(targets: readonly OutputTarget[]): boolean {
  return targets.some(({ format, file }) => format === "table" && file === undefined);
}

export interface OutputOptions {
  /** The files or standard output that are written, and the format of each. */
  readonly targets: readonly OutputTarget[];
  readonly baseline: string;
  /** Whether the intervals are drawn below the table. */
  readonly plot?: boolean | undefined;
  /** Whether times stand beside the speedups with any number of sides. */
  readonly wide?: boolean | undefined;
  /** Whether the speedups in CPU time are split into their factors. */
  readonly why?: boolean | undefined;
  /** Limits that the comparison is held to; absent: those that a single run was begun with. */
  readonly gate?: Gate | undefined;
  /** What four sides or more are ranked by: `real`, `cpu` or `cost`. */
  readonly rank?: string | undefined;
  /** Each is `TYPE=USD`, dollars an hour. */
  readonly price?: readonly string[] | undefined;
}

/** What was printed of a run. */
export interface PrintedRun {
  /** Whether there is a result on every side and of every row that was measured. */
  readonly isComplete: boolean;
  /** `2 of 120 runs left out (1 steal, 1 failed)`. */
  readonly left_out: string;
  /** The exit status that the gate asks for; 0 without a gate. */
  readonly gate: number;
}
