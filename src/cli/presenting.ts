// The formats that there are, and the way to them: what prints is loaded when there is something to print.

import type { Presentation } from "./present.ts";
import type { Shown } from "../pipeline/side-by-side.ts";

export const formats = ["table", "markdown", "csv", "csv-long", "json", "html", "svg", "benchstat"] as const;

export type Format = (typeof formats)[number];

export async function present(stored: Shown, presentation: Presentation): Promise<void> {
  await (await import("./present.ts")).present(stored, presentation);
}
