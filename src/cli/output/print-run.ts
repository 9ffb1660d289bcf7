// A stored run, printed: analysed, rendered, and written where it was asked for.

import { hasResult } from "../../analysis/comparison/has-result.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type Price, parsePrices } from "../../domain/cost/price.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { pricesOfRun } from "../../domain/cost/run-cost.ts";
import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { ReportData } from "../../report/report-data.ts";
import { outputColumns } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";
import type { Format, OutputOptions } from "./formats.ts";
import { buildReportData } from "../../report/build-report-data.ts";
import { renderReport } from "../../report/render-report.ts";
import { today } from "../today.ts";

/** Those that have room for what a row costs. */
const pricing: ReadonlySet<Format> = new Set(["table", "markdown", "csv", "json", "html"]);

/** Prints `stored`. Returns whether there is a result on every side and of every row that was measured. */
export async function renderRun(
  stored: TableInput,
  { targets, baseline, plot, price = [], wide = false }: OutputOptions,
): Promise<boolean> {
  const sides = stored.plan.spec.sides.map((side) => side.name);
  if (!sides.includes(baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoteForMessage(baseline)}`, {
      hint: `its sides are ${sides.join(", ")}`,
    });
  }
  const kinds = targets.map(({ format }) => format);
  if (plot === true && !kinds.includes("table")) {
    throw new TimetrialError("USAGE", `--plot: expected --format table, got ${kinds.join(", ")}`, {
      hint: "html and svg have plots of their own",
    });
  }
  const priceless = kinds.find((format) => !pricing.has(format));
  if (price.length > 0 && priceless !== undefined) {
    throw new TimetrialError("USAGE", `--price: expected --format ${[...pricing].join(", ")}, got ${priceless}`);
  }
  const prices = pricesFor(stored, parsePrices(price, stored.plan.spec.sides, today()));
  const told = await withPrices(await buildReportData(stored, baseline), prices);
  const width = outputColumns();
  for (const { format, file } of targets) {
    const text =
      format === "csv-long"
        ? (await import("../../report/formats/csv-long.ts")).csvLong(stored.records, runsBySide(stored))
        : await renderReport(told, format, { wide, width });
    await writeOutput(text + (plot === true && format === "table" ? await plotted(told, width) : ""), file);
  }
  const measured = sides.filter((side) => !(stored.published ?? []).some(({ name }) => name === side));
  return hasResult(told.comparison, measured);
}

/** Which run a side is of; published sides are of none. */
function runsBySide({ plan, sources, published = [] }: TableInput): ReadonlyMap<string, string> {
  const measured = (sources ?? [{ plan }]).flatMap((one) =>
    one.plan.spec.sides.map(({ name }) => [name, one.plan.run] as const),
  );
  return new Map(measured.filter(([side]) => !published.some(({ name }) => name === side)));
}

/** `given` by the user, and for the rest what the runs were paid at; the sandbox's own prices are nobody's. */
function pricesFor({ plan, sources, ...run }: TableInput, given: readonly Price[]): Price[] {
  const paid = (sources ?? [{ plan, ...run }])
    .filter((one) => one.plan.spec.cloud === "aws")
    .flatMap(pricesOfRun)
    .filter(({ side, market }) => !given.some((one) => one.side === side && one.market === market));
  return [...given, ...paid];
}

async function withPrices(told: ReportData, prices: readonly Price[]): Promise<ReportData> {
  if (prices.length === 0) return told;
  return { ...told, priced: await (await import("../../report/table/cost-per-job.ts")).costBlocks(told, prices) };
}

async function plotted(told: ReportData, width: number): Promise<string> {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const utf8 = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
  return (await import("../../report/plot/terminal.ts")).terminalPlot(told, { width, utf8 });
}
