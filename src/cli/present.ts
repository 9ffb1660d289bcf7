// A stored run, printed: analysed, rendered, and written where it was asked for.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../domain/errors.ts";
import { type Price, pricesOf } from "../domain/price.ts";
import { quoted } from "../domain/side.ts";
import type { StoredRun } from "../ports/results.ts";
import type { Told } from "../report/told.ts";
import { tell } from "./telling.ts";

/** How each format is made; loaded when it is asked for. `width`: columns of the terminal. */
const renderers = {
  table: async (told: Told, width: number) => {
    const [{ table }, { viewOf }] = await Promise.all([import("../report/table.ts"), import("../report/viewing.ts")]);
    const { pricedText } = await import("../report/priced.ts");
    return table(viewOf(told), width) + pricedText(told, told.priced ?? [], width);
  },
  json: async (told: Told) => (await import("../report/json.ts")).json(told),
  benchstat: async (told: Told) => (await import("../report/benchstat.ts")).benchstat(told),
  svg: async (told: Told) => (await import("../report/svg.ts")).svg(told),
  html: async (told: Told) => (await import("../report/html/page.ts")).html(told),
} satisfies Record<string, (told: Told, width: number) => Promise<string>>;

export type Format = keyof typeof renderers;

export const formats = Object.keys(renderers) as Format[];

export interface Presentation {
  readonly format: Format;
  readonly baseline: string;
  readonly out?: string | undefined;
  /** The intervals drawn below the table. */
  readonly plot?: boolean | undefined;
  /** `TYPE=USD` an hour, each. */
  readonly price?: readonly string[] | undefined;
}

/** Where standard output is no terminal, and says nothing of its width. */
const defaultWidth = 80;

export async function present(
  stored: StoredRun,
  { format, baseline, out, plot, price = [] }: Presentation,
): Promise<void> {
  const sides = stored.plan.spec.sides.map((side) => side.name);
  if (!sides.includes(baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoted(baseline)}`, {
      hint: `its sides are ${sides.join(", ")}`,
    });
  }
  if (plot === true && format !== "table") {
    throw new TimetrialError("USAGE", `--plot: expected --format table, got ${format}`, {
      hint: "html and svg have plots of their own",
    });
  }
  const prices = pricesOf(price, stored.plan.spec.sides);
  const told = await withPrices(await tell(stored, baseline), prices);
  const width = process.stdout.columns ?? defaultWidth;
  const text = (await renderers[format](told, width)) + (plot === true ? await plotted(told, width) : "");
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

async function withPrices(told: Told, prices: readonly Price[]): Promise<Told> {
  if (prices.length === 0) return told;
  return { ...told, priced: await (await import("../report/priced.ts")).priced(told, prices) };
}

async function plotted(told: Told, width: number): Promise<string> {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const utf8 = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
  return (await import("../report/plot/terminal.ts")).plot(told, { width, utf8 });
}
