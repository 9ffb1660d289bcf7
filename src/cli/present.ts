// A stored run, printed: analysed, rendered, and written where it was asked for.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../domain/errors.ts";
import { quoted } from "../domain/side.ts";
import type { StoredRun } from "../ports/results.ts";
import type { Told } from "../report/told.ts";

export const formats = ["table", "json"] as const;

export interface Presentation {
  readonly format: (typeof formats)[number];
  readonly baseline: string;
  readonly out?: string | undefined;
}

/** Where standard output is no terminal, and says nothing of its width. */
const defaultWidth = 80;

export async function present(stored: StoredRun, { format, baseline, out }: Presentation): Promise<void> {
  const sides = stored.plan.spec.sides.map((side) => side.name);
  if (!sides.includes(baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoted(baseline)}`, {
      hint: `its sides are ${sides.join(", ")}`,
    });
  }
  // Loaded when there is something to tell: a run starts without it.
  const { tell } = await import("./telling.ts");
  const text = await rendered(await tell(stored, baseline), format);
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(out, text);
  } catch (cause) {
    throw new TimetrialError("USAGE", `--out: cannot write ${quoted(out)}: ${(cause as Error).message}`, { cause });
  }
}

async function rendered(told: Told, format: Presentation["format"]): Promise<string> {
  if (format === "json") return (await import("../report/json.ts")).json(told);
  const { table } = await import("../report/table.ts");
  const { viewOf } = await import("../report/viewing.ts");
  return table(viewOf(told), process.stdout.columns ?? defaultWidth);
}
