// The formats that there are, and the way to them: what prints is loaded when there is something to print.

import type { Presentation } from "./print-run.ts";
import type { Shown } from "../../pipeline/compare/merge-runs.ts";

export const formats = ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"] as const;

export type Format = (typeof formats)[number];

export async function present(stored: Shown, presentation: Presentation): Promise<void> {
  await (await import("./print-run.ts")).present(stored, presentation);
}
