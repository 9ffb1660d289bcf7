// The output formats, and what a printed run may be asked to show.

import type { ReportFormat } from "../../report/render-report.ts";

export interface OutputTarget {
  readonly format: Format;
  /** Absent: standard output. */
  readonly file?: string;
}

/** `csv-long` is a line a trial: it is made from the records, not from a report. */
export type Format = ReportFormat | "csv-long";

/** What programs read: nothing is cut there to the width of a table. */
export const wholeFormats: ReadonlySet<Format> = new Set(["csv", "csv-long", "json", "benchstat"] as const);

export const formats: readonly Format[] = ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"];

export interface OutputOptions {
  /** Where it goes, and in which forms. */
  readonly targets: readonly OutputTarget[];
  readonly baseline: string;
  /** The intervals drawn below the table. */
  readonly plot?: boolean | undefined;
  /** Times beside the speedups, however many sides there are. */
  readonly wide?: boolean | undefined;
  /** `TYPE=USD` an hour, each. */
  readonly price?: readonly string[] | undefined;
}
