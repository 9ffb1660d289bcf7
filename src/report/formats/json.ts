// Formats the comparison for programs: the contents of the table, with every digit, p included.

import { defined } from "../../domain/defined.ts";
import { jsonText } from "../../domain/printable.ts";
import { caveats } from "../table/footer.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowTitle, type ReportData, type ReportRun } from "../report-data.ts";

/** Returns `report` as JSON text, ended by a line end. Times in seconds. */
export function json(report: ReportData): string {
  const { comparison, plan, machines } = report;
  const text = {
    ...comparison,
    rows: comparison.rows.map((row, i) => ({
      ...row,
      ...titled(report, row),
      explanations: report.explanations[i] ?? {},
      ...(report.why === undefined ? {} : { why: report.why[i] ?? {} }),
    })),
    notes: caveats(report),
    ...(report.sources === undefined
      ? { run: plan.run }
      : { run: null, runs: report.sources.map(runOf), differences: report.differences ?? [] }),
    ...(report.published === undefined ? {} : { published: report.published.map(publishedOf) }),
    cloud: plan.spec.cloud,
    facts: Object.fromEntries(machines.map(({ name, facts }) => [name, facts])),
    ...defined({ ranking: report.ranking, priced: report.priced, gate: report.gate }),
    ...(report.spent === undefined || plan.spec.cloud === "sandbox" ? {} : { spent_usd: report.spent.usd }),
    ...(report.stopped === undefined ? {} : { until: plan.spec.until, stopped: report.stopped }),
    ...defined({ finished: report.finished }),
    absence: report.absence ?? null,
    ...sumsOf(report),
  };
  return `${jsonText(text, 2)}\n`;
}

/** Returns the sums only where no file was changed since. */
function sumsOf({ sums, changed }: Pick<ReportRun, "sums" | "changed">): object {
  return changed === undefined ? { sums: sums ?? null } : { sums: null, changed };
}

function runOf({ tag, plan, absence, sums, changed }: ReportRun): object {
  const sides = plan.spec.sides.map(({ name }) => name);
  return {
    run: plan.run,
    tag,
    created_at: plan.created_at,
    sides,
    absence: absence ?? null,
    ...sumsOf(defined({ sums, changed })),
  };
}

function publishedOf({ name, figures }: NonNullable<ReportData["published"]>[number]): object {
  const { of, source, os, release, arch, vcpus } = figures;
  return { side: name, of, source, os, release, arch, vcpus };
}

function titled(report: ReportData, row: ComparedRow): { readonly title?: string } {
  const title = rowTitle(report, row);
  return title === undefined ? {} : { title };
}
