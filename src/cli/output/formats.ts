// The output formats, and what a printed run may be asked to show.

export const formats = ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"] as const;

export type Format = (typeof formats)[number];

export interface OutputOptions {
  readonly format: Format;
  readonly baseline: string;
  readonly out?: string | undefined;
  /** The intervals drawn below the table. */
  readonly plot?: boolean | undefined;
  /** Times beside the speedups, however many sides there are. */
  readonly wide?: boolean | undefined;
  /** `TYPE=USD` an hour, each. */
  readonly price?: readonly string[] | undefined;
}
