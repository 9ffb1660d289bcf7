// The comparison for programs: what the table says, with every digit, p included.

import { jsonText } from "../../domain/printable.ts";
import { caveats } from "../table/footer.ts";
import type { ComparedRow } from "../../analysis/comparison/comparison.ts";
import { rowTitle, type ReportData, type ReportRun } from "../report-data.ts";

/** `told` as JSON text, ended by a line end. Times in seconds. */
export function json(told: ReportData): string {
  const { comparison, plan, machines } = told;
  const text = {
    ...comparison,
    rows: comparison.rows.map((row, i) => ({ ...row, ...titled(told, row), explanations: told.explanations[i] ?? {} })),
    notes: caveats(told),
    ...(told.sources === undefined
      ? { run: plan.run }
      : { run: null, runs: told.sources.map(runOf), differences: told.differences ?? [] }),
    ...(told.published === undefined ? {} : { published: told.published.map(publishedOf) }),
    cloud: plan.spec.cloud,
    facts: Object.fromEntries(machines.map(({ name, facts }) => [name, facts])),
    ...(told.priced === undefined ? {} : { priced: told.priced }),
    ...(told.spent === undefined || plan.spec.cloud === "sandbox" ? {} : { spent_usd: told.spent.usd }),
    ...(told.stopped === undefined ? {} : { until: plan.spec.until, stopped: told.stopped }),
    ...(told.finished === undefined ? {} : { finished: told.finished }),
    absence: told.absence ?? null,
    ...sumsOf(told),
  };
  return `${jsonText(text, 2)}\n`;
}

/** Sums only where the files still have them. */
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
    ...sumsOf({ ...(sums && { sums }), ...(changed && { changed }) }),
  };
}

function publishedOf({ name, figures }: NonNullable<ReportData["published"]>[number]): object {
  const { of, source, os, release, arch, vcpus } = figures;
  return { side: name, of, source, os, release, arch, vcpus };
}

function titled(told: ReportData, row: ComparedRow): { readonly title?: string } {
  const title = rowTitle(told, row);
  return title === undefined ? {} : { title };
}
