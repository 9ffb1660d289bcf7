// A boot run, printed: analysed, rendered, and written where it was asked for.

import { writeOutput } from "./write-output.ts";
import { analyseBoots, type BootAnalysis, publishedRows } from "../../analysis/boot/boot-analysis.ts";
import { runPlanOfBoot } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { costOfRun } from "../../domain/cost/run-cost.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { BootReportData } from "../../report/boot/report-data.ts";

export const bootFormats = ["table", "json", "csv", "markdown", "html"] as const;

export interface BootOutputOptions {
  readonly format: (typeof bootFormats)[number];
  readonly baseline?: string | undefined;
  readonly published?: PublishedBoots | undefined;
  readonly out?: string | undefined;
}

/** @throws TimetrialError BASELINE_UNKNOWN, USAGE where it cannot be written */
export async function printBoots(stored: StoredBoots | undefined, presentation: BootOutputOptions): Promise<void> {
  const { format, out } = presentation;
  const text = await rendered(await told(stored, presentation), format);
  await writeOutput(text, out);
}

async function told(
  stored: StoredBoots | undefined,
  { baseline, published }: BootOutputOptions,
): Promise<BootReportData> {
  const figures = published === undefined ? {} : { published };
  if (stored === undefined) {
    const images = publishedRows(published).toSorted((a, b) => a.total_s - b.total_s);
    const analysis: BootAnalysis = { baseline: "", sides: [], speedups: {}, images, notes: [] };
    return { analysis, records: [], ...figures };
  }
  const { plan, records, absence, sums } = stored;
  const spent = costOfRun({ ...stored, plan: runPlanOfBoot(plan) });
  const chosen = baseline ?? plan.spec.baseline;
  if (!plan.spec.sides.some(({ name }) => name === chosen)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: the run has no side ${quoteForMessage(chosen)}`, {
      hint: `its sides are ${plan.spec.sides.map(({ name }) => name).join(", ")}`,
    });
  }
  return {
    analysis: await analyseBoots(records, plan.spec, chosen, published),
    plan,
    records,
    ...figures,
    ...(absence === undefined ? {} : { absence }),
    ...(sums === undefined ? {} : { sums }),
    ...(spent === undefined ? {} : { spent }),
  };
}

async function rendered(of: BootReportData, format: BootOutputOptions["format"]): Promise<string> {
  if (format === "html") return (await import("../../report/boot/html.ts")).bootHtml(of);
  if (format !== "table") {
    const { bootCsv, bootJson, bootMarkdown } = await import("../../report/boot/formats.ts");
    return { json: bootJson, csv: bootCsv, markdown: bootMarkdown }[format](of);
  }
  const { bootTable } = await import("../../report/boot/terminal-table.ts");
  return bootTable(of, process.stdout.columns ?? 80);
}
