// `report`: prints stored runs and published figures.

import { packageRoot } from "../../adapters/folders/package-root.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { bootFormats } from "../output/formats.ts";
import { printBoots } from "../output/print-boots.ts";
import { outputTargets, type TargetOptions } from "../output/output-targets.ts";
import { findRun } from "../output/results-root.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { printStoredRun } from "../output/print-stored-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import { type GateOptions, parseGate } from "../options/gate-option.ts";
import { parseChoice } from "../options/option-values.ts";
import { isLabelled, loadTableInput } from "../load/table-sources.ts";
import { loadEither, loadRun } from "../load/stored-run.ts";
import { allPublishedBoots, openResults } from "../wiring.ts";

export interface ReportOptions extends TargetOptions, GateOptions {
  readonly plot?: boolean;
  readonly price?: readonly string[];
  readonly rank?: string;
  readonly baseline?: string;
  readonly results: string;
  readonly by?: string;
  readonly wide?: boolean;
  readonly why?: boolean;
}

export async function reportCommand(given: readonly string[], options: ReportOptions): Promise<number> {
  const gate = parseGate(options);
  const texts = await Promise.all(given.map((text) => findRun(text, options.results)));
  const bootTarget = () => ({
    format: parseChoice("--format", options.format ?? "table", bootFormats),
    out: options.out?.[0],
  });
  const stored =
    texts.length === 1
      ? await loadEither(texts[0] ?? "", options.results, () => void outputTargets(options))
      : undefined;
  const boots = stored?.boots;
  if (boots !== undefined) {
    refuseGateOnBoots(gate);
    await printBoots(boots, { ...options, ...bootTarget() });
    return statusOfChanges([boots]);
  }
  const published = (await allPublishedBoots()).get(/^published:(boot-.+)$/.exec(texts[0] ?? "")?.[1] ?? "");
  if (published !== undefined && texts.length === 1) {
    refuseGateOnBoots(gate);
    await printBoots(undefined, {
      published,
      ...bootTarget(),
    });
    return 0;
  }
  const targets = outputTargets(options);
  const { wide, why, plot, price, rank } = options;
  const results = await openResults(options.results);
  const [only = "", ...others] = texts;
  // A single unlabelled run can be pivoted, so that its commands become the sides.
  if (others.length === 0 && !/^([^=]*=)?published:/.test(only) && !isLabelled(only)) {
    const alone = stored?.run ?? (await loadRun(only, options.results));
    const axis = parseComparisonAxis(alone.plan.spec, options.by, options.baseline);
    const printed = await printStoredRun(alone, axis, { targets, wide, why, plot, price, rank, gate });
    return worstStatus([statusOfChanges([alone]), printed.gate]);
  }
  if (options.by === "command") {
    throw new TimetrialError("USAGE", "--by command: expected one run, whose commands are compared", {
      hint: "leave it out: the runs' sides are compared",
    });
  }
  const identity = { run: "published", tool_version: packageRoot().version, created_at: new Date().toISOString() };
  const shown = await loadTableInput(texts, results, identity);
  const baseline = options.baseline ?? shown.plan.spec.baseline;
  const printed = await printRun(shown, { targets, wide, why, plot, price, rank, gate, baseline });
  return worstStatus([statusOfChanges(shown.sources ?? [shown]), printed.gate]);
}

/** @throws TimetrialError USAGE where there is a gate */
function refuseGateOnBoots(gate: unknown): void {
  if (gate === undefined) return;
  throw new TimetrialError("USAGE", "--fail-if: expected a run of compare or run, and this one is of boot");
}

/**
 * Returns exit status 1 where a file of one of `runs` was changed since the run was closed. The table says so, and
 * shows no sums.
 */
function statusOfChanges(runs: readonly { readonly changed?: readonly string[] }[]): number {
  return runs.some(({ changed }) => changed !== undefined) ? 1 : 0;
}
