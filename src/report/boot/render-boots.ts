// Builds the report of a boot run, and renders it in each of its formats.

import { defined } from "../../domain/defined.ts";
import { analyseBoots, type BootAnalysis, publishedRows } from "../../analysis/boot/boot-analysis.ts";
import { type BootPlan, type BootRecord, runPlanOfBoot } from "../../domain/boot/boot.ts";
import type { LedgerEntry } from "../../domain/cloud/ledger.ts";
import type { PriceList } from "../../domain/cost/price-list.ts";
import { costOfRun } from "../../domain/cost/run-cost.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import type { BootReportData } from "./report-data.ts";

/** The formats of a report of boots; docs/boot.md shows each. */
export type BootReportFormat = "table" | "json" | "csv" | "markdown" | "html";

/** A boot run as `BootResults.load` returns it. */
export interface BootReportInput {
  readonly plan: BootPlan;
  readonly records: readonly BootRecord[];
  readonly ledger?: readonly LedgerEntry[];
  readonly prices?: PriceList;
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  readonly sums?: string;
  /** Paths of files that were changed since the run was closed; absent where none were. */
  readonly changed?: readonly string[];
}

/**
 * Analyses a boot run against the side `baseline`; `published` boot times stand beside its images.
 *
 * @throws TimetrialError BASELINE_UNKNOWN where the baseline is not one of the sides.
 * @example
 * import { buildBootReport, renderBootReport } from "timetrial";
 * import { bootResultFolders } from "timetrial/adapters";
 *
 * const run = await bootResultFolders("results").load("20261124-031500-3fa9");
 * if (run !== undefined) console.log(await renderBootReport(await buildBootReport(run, run.plan.spec.baseline), "table"));
 */
export async function buildBootReport(
  { plan, records, ledger, prices, absence, sums, changed }: BootReportInput,
  baseline: string,
  published?: PublishedBoots,
): Promise<BootReportData> {
  if (!plan.spec.sides.some(({ name }) => name === baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoteForMessage(baseline)}`, {
      hint: `its sides are ${plan.spec.sides.map(({ name }) => name).join(", ")}`,
    });
  }
  const kept = defined({ ledger, prices });
  const spent = costOfRun({ plan: runPlanOfBoot(plan), ...kept });
  return {
    analysis: await analyseBoots(records, plan.spec, baseline, published),
    plan,
    records,
    ...defined({ published, absence, sums, changed, spent }),
  };
}

/** Returns the report of published boot times alone. */
export function publishedBootReport(published: PublishedBoots): BootReportData {
  const images = publishedRows(published).toSorted((a, b) => a.total_s - b.total_s);
  const analysis: BootAnalysis = { baseline: "", sides: [], speedups: {}, images, notes: [] };
  return { analysis, records: [], published };
}

/**
 * Renders a report of boots as text, ended by a line end. `width`: columns of a terminal, for `table`.
 *
 * @example
 * import { type BootReportData, renderBootReport } from "timetrial";
 *
 * export const page = (report: BootReportData) => renderBootReport(report, "html");
 */
export async function renderBootReport(data: BootReportData, format: BootReportFormat, width = 80): Promise<string> {
  if (format === "table") return (await import("./terminal-table.ts")).bootTable(data, width);
  if (format === "html") return (await import("./html.ts")).bootHtml(data);
  const { bootCsv, bootJson, bootMarkdown } = await import("./formats.ts");
  return { json: bootJson, csv: bootCsv, markdown: bootMarkdown }[format](data);
}
