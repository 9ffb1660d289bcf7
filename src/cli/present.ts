// A stored run, printed: analysed, rendered, and written where it was asked for.

import { writeFile } from "node:fs/promises";
import { analyseRun } from "../analysis/analyse.ts";
import { TimetrialError } from "../domain/errors.ts";
import { quoted } from "../domain/side.ts";
import type { StoredRun } from "../ports/results.ts";

export const formats = ["table", "json"] as const;

export interface Presentation {
  readonly format: (typeof formats)[number];
  readonly baseline: string;
  readonly out?: string | undefined;
}

export async function present(stored: StoredRun, { format, baseline, out }: Presentation): Promise<void> {
  if (!stored.plan.spec.sides.some((side) => side.name === baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoted(baseline)}`, {
      hint: `its sides are ${stored.plan.spec.sides.map((side) => side.name).join(", ")}`,
    });
  }
  const comparison = await analyseRun(stored, baseline);
  const text = await rendered(comparison, stored, format);
  if (out === undefined) process.stdout.write(text);
  else await writeFile(out, text).catch((cause: Error) => {
    throw new TimetrialError("USAGE", `--out: cannot write ${quoted(out)}: ${cause.message}`, { cause });
  });
}
