// A stored run, printed: analysed, rendered, and written where it was asked for.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../domain/errors.ts";
import { quoted } from "../domain/side.ts";
import type { StoredRun } from "../ports/results.ts";
import type { Told } from "../report/told.ts";
import { tell } from "./telling.ts";

/** How each format is made; loaded when it is asked for. `width`: columns of the terminal. */
const renderers = {
  table: async (told: Told, width: number) => {
    const [{ table }, { viewOf }] = await Promise.all([import("../report/table.ts"), import("../report/viewing.ts")]);
    return table(viewOf(told), width);
  },
  json: async (told: Told) => (await import("../report/json.ts")).json(told),
  svg: async (told: Told) => (await import("../report/svg.ts")).svg(told),
  html: async (told: Told) => (await import("../report/html/page.ts")).html(told),
} satisfies Record<string, (told: Told, width: number) => Promise<string>>;

export type Format = keyof typeof renderers;

export const formats = Object.keys(renderers) as Format[];

export interface Presentation {
  readonly format: Format;
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
  const text = await renderers[format](await tell(stored, baseline), process.stdout.columns ?? defaultWidth);
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
