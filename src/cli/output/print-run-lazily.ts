// Loads the code that prints only when there is something to print.

import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { OutputOptions, PrintedRun } from "./formats.ts";

/** Prints `stored`. */
export async function printRun(stored: TableInput, presentation: OutputOptions): Promise<PrintedRun> {
  return await (await import("./print-run.ts")).renderRun(stored, presentation);
}
