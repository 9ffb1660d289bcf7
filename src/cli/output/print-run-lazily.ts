// Loads the code that prints only when there is something to print.

import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { OutputOptions } from "./formats.ts";

/** Prints `stored`. Returns whether there is a result on every side and of every row that was measured. */
export async function printRun(stored: TableInput, presentation: OutputOptions): Promise<boolean> {
  return await (await import("./print-run.ts")).renderRun(stored, presentation);
}
