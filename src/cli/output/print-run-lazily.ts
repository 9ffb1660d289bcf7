// Loads what prints only once there is something to print.

import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { OutputOptions } from "./formats.ts";

export async function printRun(stored: TableInput, presentation: OutputOptions): Promise<void> {
  await (await import("./print-run.ts")).renderRun(stored, presentation);
}
