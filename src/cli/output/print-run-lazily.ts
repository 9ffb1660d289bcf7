// Loads what prints only once there is something to print.

import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { Presentation } from "./formats.ts";

export async function present(stored: TableInput, presentation: Presentation): Promise<void> {
  await (await import("./print-run.ts")).present(stored, presentation);
}
