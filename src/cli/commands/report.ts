// `report`: prints stored runs and published figures.

import { packageRoot } from "../../adapters/folders/package-root.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { bootFormats, printBoots } from "../output/print-boots.ts";
import { outputTargets, type TargetOptions } from "../output/output-targets.ts";
import { findRun } from "../output/results-root.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { printStoredRun } from "../output/print-stored-run.ts";
import { parseChoice } from "../options/option-values.ts";
import { isLabelled, loadTableInput } from "../load/table-sources.ts";
import { loadBoots, loadRun } from "../load/stored-run.ts";
import { allPublishedBoots, openResults } from "../wiring.ts";

export interface ReportOptions extends TargetOptions {
  readonly plot?: boolean;
  readonly price?: readonly string[];
  readonly baseline?: string;
  readonly results: string;
  readonly by?: string;
  readonly wide?: boolean;
  readonly why?: boolean;
}

export async function reportCommand(given: readonly string[], options: ReportOptions): Promise<number> {
  const texts = await Promise.all(given.map((text) => findRun(text, options.results)));
  const bootTarget = () => ({
    format: parseChoice("--format", options.format ?? "table", bootFormats),
    out: options.out?.[0],
  });
  const boots = texts.length === 1 ? await loadBoots(texts[0] ?? "", options.results) : undefined;
  if (boots !== undefined) {
    await printBoots(boots, { ...options, ...bootTarget() });
    return statusOfChanges([boots]);
  }
  const published = (await allPublishedBoots()).get(/^published:(boot-.+)$/.exec(texts[0] ?? "")?.[1] ?? "");
  if (published !== undefined && texts.length === 1) {
    await printBoots(undefined, {
      published,
      ...bootTarget(),
    });
    return 0;
  }
  const targets = outputTargets(options);
  const { wide, why, plot, price } = options;
  const results = await openResults(options.results);
  const [only = "", ...others] = texts;
  // A single unlabelled run can be pivoted, so that its commands become the sides.
  if (others.length === 0 && !/^([^=]*=)?published:/.test(only) && !isLabelled(only)) {
    const alone = await loadRun(only, options.results);
    const axis = parseComparisonAxis(alone.plan.spec, options.by, options.baseline);
    await printStoredRun(alone, axis, { targets, wide, why, plot, price });
    return statusOfChanges([alone]);
  }
  if (options.by === "command") {
    throw new TimetrialError("USAGE", "--by command: expected one run, whose commands are compared", {
      hint: "leave it out: the runs' sides are compared",
    });
  }
  const identity = { run: "published", tool_version: packageRoot().version, created_at: new Date().toISOString() };
  const shown = await loadTableInput(texts, results, identity);
  await printRun(shown, { targets, wide, why, plot, price, baseline: options.baseline ?? shown.plan.spec.baseline });
  return statusOfChanges(shown.sources ?? [shown]);
}

/**
 * Returns exit status 1 where a file of one of `runs` was changed since the run was closed. The table says so, and
 * shows no sums.
 */
function statusOfChanges(runs: readonly { readonly changed?: readonly string[] }[]): number {
  return runs.some(({ changed }) => changed !== undefined) ? 1 : 0;
}
