import type { AnyRecord, PublishedSide } from "../../domain/published/figures.ts";
import type { StoredRun } from "../../ports/results.ts";

/** What a table is made from. Sides, machines and rows have names of their own, whatever source they are from. */

export interface TableInput extends Omit<StoredRun, "records" | "folder"> {
  readonly folder?: string;
  /** Where the sides are commands, and the rows the machines that ran them. */
  readonly by?: "command";
  readonly records: readonly AnyRecord[];
  /** Where the table shows several runs: each of them, by the names that it bears here. */
  readonly sources?: readonly RunInTable[];
  /** What differs between the runs, a line each. */
  readonly differences?: readonly string[];
  readonly published?: readonly { readonly name: string; readonly figures: PublishedSide }[];
}
/** A run among others. */

export interface RunInTable extends StoredRun {
  /** What tells it from the others. */
  readonly tag: string;
}

/** A stored run, and the label that sets its sides apart from another's. */
export interface LabelledRun {
  /** The user's own name for the run. */
  readonly label?: string;
  readonly run: StoredRun;
}
