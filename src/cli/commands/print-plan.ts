// `plan`, which is `compare --dry-run`: what a run would launch, how long it would take, and what it would cost.

import { outputColumns, print } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import { expectedHalfWidth, defaultSpread } from "../../analysis/statistics/expected-width.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { dryRunPlan } from "../../pipeline/run/dry-run.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";
import { planJson, planText } from "../../report/commands/plan-report.ts";
import { type RunOptions } from "../options/run-options.ts";
import { parseChoice } from "../options/option-values.ts";
import { resultsOf } from "../output/results-root.ts";
import { createRunPorts } from "../wiring/run-ports.ts";

export async function planCommand(spec: Spec, options: RunOptions, identity: RunIdentity): Promise<number> {
  const format = parseChoice("--format", options.format ?? "table", ["table", "json"]);
  const spread =
    options.spread === undefined ? defaultSpread : { spread: spreadOf(options.spread), source: "--spread" };
  const ports = await createRunPorts(spec, { ...options, results: resultsOf(spec, options.results), estimate: true });
  const dryRun = await dryRunPlan(spec, identity, ports, new AbortController().signal);
  const report = {
    ...dryRun,
    spread,
    half_width: await expectedHalfWidth(spec.machines, spread.spread),
    oneHost: spec.cloud === "sandbox",
  };
  print(printableLines(format === "json" ? planJson(report) : planText(report, outputColumns())));
  return 0;
}

/** Converts a percentage such as `0.5%` to a fraction. @throws TimetrialError USAGE */
function spreadOf(text: string): number {
  const [, percent] = /^(\d{1,2}(?:\.\d{1,4})?)\s*%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) > 0) return Number(percent) / 100;
  throw new TimetrialError(
    "USAGE",
    `--spread: expected a percentage above 0, such as 0.5%, got ${quoteForMessage(text)}`,
  );
}
