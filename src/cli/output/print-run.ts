// Prints a stored run: analyses it, renders it, and writes the text to its targets.

import { hasResult } from "../../analysis/comparison/has-result.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type Price, parsePrices } from "../../domain/cost/price.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { pricesOfRun } from "../../domain/cost/run-cost.ts";
import type { TableInput } from "../../pipeline/compare/table-input.ts";
import type { ReportData } from "../../report/report-data.ts";
import { withRanking } from "../../report/ranking/with-ranking.ts";
import { parseRank } from "../options/rank-option.ts";
import { paintTable } from "./colour.ts";
import { outputColumns, say } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";
import { type Format, type OutputOptions, type PrintedRun, showsTable } from "./formats.ts";
import { buildReportData } from "../../report/build-report-data.ts";
import { leftOutRuns } from "../../report/text/left-out-runs.ts";
import { resultsOfRun } from "../../report/results-of-run.ts";
import { renderInPieces } from "../../report/render-report.ts";
import { printable } from "../../domain/printable.ts";
import type { TextPiece } from "../../domain/printable-bytes.ts";
import { gateStatus } from "./exit-status.ts";
import { today } from "../today.ts";

/** The formats that show what a row costs, and the factors of a speedup. */
const pricing: ReadonlySet<Format> = new Set(["table", "markdown", "csv", "json", "html"]);

/** Prints `stored`. The answer of a gate goes to standard error where no table bears it there. */
export async function renderRun(
  stored: TableInput,
  { targets, baseline, plot, price = [], wide = false, why = false, rank, gate }: OutputOptions,
): Promise<PrintedRun> {
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
  const by = parseRank(rank, sides.length, stored.by);
  const priceless = kinds.find((format) => !pricing.has(format));
  if (price.length > 0 && priceless !== undefined) {
    throw new TimetrialError("USAGE", `--price: expected --format ${[...pricing].join(", ")}, got ${priceless}`);
  }
  if (why && priceless !== undefined) {
    throw new TimetrialError("USAGE", `--why: expected --format ${[...pricing].join(", ")}, got ${priceless}`);
  }
  const measured = sides.filter((side) => !(stored.published ?? []).some(({ name }) => name === side));
  if (kinds.every((format) => format === "csv-long") && gate === undefined && !hasGate(stored))
    return await printTrials(stored, measured, targets);
  const prices = pricesFor(stored, parsePrices(price, stored.plan.spec.sides, today()));
  const compared = await buildReportData(stored, baseline, gate);
  const priced = await withPrices(why ? await withFactors(compared) : compared, prices);
  const report = await withRanking(priced, by);
  const width = outputColumns();
  for (const { format, file, isColoured } of targets) {
    const text = format === "csv-long" ? await trials(stored) : await renderInPieces(report, format, { wide, width });
    const plotBelow = plot === true && format === "table" ? await plotted(report, width) : "";
    await writeOutput(
      typeof text === "string" ? text + plotBelow : text,
      file,
      format === "table" && isColoured === true ? paintTable : undefined,
    );
  }
  if (report.gate !== undefined && !showsTable(targets))
    for (const line of (await import("../../report/gate/gate-text.ts")).gateFooter(report)) say(printable(line));
  return {
    isComplete: hasResult(report.comparison, measured),
    left_out: leftOutRuns(report.comparison),
    gate: gateStatus(report.gate),
  };
}

/** Whether a report of `stored` has the answer of the gate that its run was begun with. */
function hasGate({ plan, sources }: TableInput): boolean {
  return sources === undefined && plan.spec.gate !== undefined;
}

/** Prints every trial of `stored`, which needs no comparison. */
async function printTrials(
  stored: TableInput,
  measured: readonly string[],
  targets: OutputOptions["targets"],
): Promise<PrintedRun> {
  const { isComplete, left_out } = resultsOfRun(stored, measured);
  for (const { file } of targets) await writeOutput(await trials(stored), file);
  return { isComplete, left_out: leftOutRuns({ left_out }), gate: gateStatus(undefined) };
}

async function trials(stored: TableInput): Promise<Iterable<TextPiece>> {
  return (await import("../../report/formats/csv-long.ts")).csvLong(stored.records, runsBySide(stored));
}

/** Returns the run of each measured side. Published sides belong to no run. */
function runsBySide({ plan, sources, published = [] }: TableInput): ReadonlyMap<string, string> {
  const measured = (sources ?? [{ plan }]).flatMap((source) =>
    source.plan.spec.sides.map(({ name }) => [name, source.plan.run] as const),
  );
  return new Map(measured.filter(([side]) => !published.some(({ name }) => name === side)));
}

/**
 * Returns the prices that the user gave, and for the rest those that the runs paid. The sandbox's own prices are left
 * out.
 */
function pricesFor({ plan, sources, ...run }: TableInput, given: readonly Price[]): Price[] {
  const paid = (sources ?? [{ plan, ...run }])
    .filter((source) => source.plan.spec.cloud === "aws")
    .flatMap(pricesOfRun)
    .filter(({ side, market }) => !given.some((price) => price.side === side && price.market === market));
  return [...given, ...paid];
}

async function withPrices(report: ReportData, prices: readonly Price[]): Promise<ReportData> {
  if (prices.length === 0) return report;
  return { ...report, priced: await (await import("../../report/table/cost-per-job.ts")).costBlocks(report, prices) };
}

async function withFactors(report: ReportData): Promise<ReportData> {
  return await (await import("../../report/why/why-block.ts")).withFactors(report);
}

async function plotted(report: ReportData, width: number): Promise<string> {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const utf8 = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
  return (await import("../../report/plot/terminal.ts")).terminalPlot(report, { width, utf8 });
}
