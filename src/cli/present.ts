// A stored run, printed: analysed, rendered, and written where it was asked for.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../domain/errors.ts";
import { quoted } from "../domain/side.ts";
import type { Shown } from "../pipeline/side-by-side.ts";
import type { Told } from "../report/told.ts";
import { tell } from "./telling.ts";

export const formats = ["table", "json", "markdown", "csv", "csv-long"] as const;

export interface Presentation {
  readonly format: (typeof formats)[number];
  readonly baseline: string;
  readonly out?: string | undefined;
  /** Times beside the speedups, however many sides there are. */
  readonly wide?: boolean | undefined;
}

/** Where standard output is no terminal, and says nothing of its width. */
const defaultWidth = 80;

export async function present(stored: Shown, presentation: Presentation): Promise<void> {
  const { baseline, out } = presentation;
  const sides = stored.plan.spec.sides.map((side) => side.name);
  if (!sides.includes(baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoted(baseline)}`, {
      hint: `its sides are ${sides.join(", ")}`,
    });
  }
  const text = await rendered(await tell(stored, baseline), stored, presentation);
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

async function rendered(told: Told, stored: Shown, { format, wide = false }: Presentation): Promise<string> {
  switch (format) {
    case "json":
      return (await import("../report/json.ts")).json(told);
    case "csv":
      return (await import("../report/csv.ts")).csv(told);
    case "csv-long":
      return (await import("../report/csv-long.ts")).csvLong(stored.records, runsBySide(stored));
  }
  const { viewOf } = await import("../report/viewing.ts");
  const view = viewOf(told, wide);
  if (format === "markdown") return (await import("../report/markdown.ts")).markdown(view);
  return (await import("../report/table.ts")).table(view, process.stdout.columns ?? defaultWidth);
}

/** Which run a side is of; published sides are of none. */
function runsBySide({ plan, sources, published = [] }: Shown): ReadonlyMap<string, string> {
  const measured = (sources ?? [{ plan }]).flatMap((one) =>
    one.plan.spec.sides.map(({ name }) => [name, one.plan.run] as const),
  );
  return new Map(measured.filter(([side]) => !published.some(({ name }) => name === side)));
}
