// Loads what prints only once there is something to print.

import type { Shown } from "../../pipeline/compare/table-input.ts";
import type { Presentation } from "./formats.ts";

export async function present(stored: Shown, presentation: Presentation): Promise<void> {
  await (await import("./print-run.ts")).present(stored, presentation);
}
