// The input of a table: one stored run, or several merged.

import type { AnyRecord, PublishedSide } from "../../domain/published/figures.ts";
import type { Records } from "../../domain/records/record-columns.ts";
import type { StoredRun } from "../../ports/results.ts";

/** The input of a table. Names of sides, machines and rows are unique in it, whatever source they come from. */
export interface TableInput extends Omit<StoredRun, "records" | "folder"> {
  readonly folder?: string;
  /** Present where the sides are commands, and the rows are the sides that ran them. */
  readonly by?: "command";
  readonly records: Records<AnyRecord>;
  /** The merged runs, with their names in this table; absent where the table shows one run. */
  readonly sources?: readonly RunInTable[];
  /** Differences between the runs, a line each. */
  readonly differences?: readonly string[];
  readonly published?: readonly { readonly name: string; readonly figures: PublishedSide }[];
}

/** One of several runs in a table. */
export interface RunInTable extends StoredRun {
  /** Text that tells the run from the others: its label, or its name or the end of it. */
  readonly tag: string;
}

/** A stored run, and the label that tells its sides from those of other runs. */
export interface LabelledRun {
  /** The user's own name for the run. */
  readonly label?: string;
  readonly run: StoredRun;
}
