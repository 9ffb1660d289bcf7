// `compare` and `run`: run, then report.

import { randomBytes } from "node:crypto";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";
import { run } from "../../pipeline/run/run.ts";
import { pivotRun, parseComparisonAxis } from "../output/pivot-by-command.ts";
import { hasFailures, executeRun } from "../run/execute-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import { formats } from "../output/formats.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { type RunOptions, parseSpec } from "../options/run-options.ts";
import { parseChoice } from "../options/option-values.ts";
import { loadSuiteNames } from "../options/user-suites.ts";
import { openOwnSuite, openResults } from "../wiring.ts";
import { publishedTableInput, publishedSides, addPublishedSides } from "../load/table-sources.ts";

export async function compareCommand(sides: readonly string[], options: RunOptions): Promise<number> {
  const format = options.dryRun === true ? "table" : parseChoice("--format", options.format, formats);
  const now = new Date();
  const name = runName(now);
  const { baseline, ...others } = { ...options, own: await loadSuiteNames(options.suite ?? [], openOwnSuite) };
  const spec = parseSpec(sides, options.by === "command" ? others : { ...others, ...(baseline && { baseline }) }, name);
  const way = parseComparisonAxis(spec, options.by, baseline);
  const published = publishedSides(spec.sides);
  const occasion = { run: name, tool_version: packageRoot().version, created_at: now.toISOString() };
  if (options.dryRun === true) return await (await import("./print-plan.ts")).planCommand(spec, options, occasion);
  if (published.length === spec.sides.length) {
    await presentPublished(spec, published, options, occasion);
    return 0;
  }
  // What is not there, or of nothing that will be measured, is refused before anything is.
  await publishedTableInput(published, spec.suites, occasion);
  const statuses = [
    await executeRun(spec, { ...options, way }, (ports, observe, signal) =>
      run(spec, occasion, ports, observe, signal),
    ),
  ];
  const stored = await (await openResults(options.results)).load(name);
  if (stored.records.length > 0) {
    const shown = way.by === "command" ? pivotRun(stored, way) : await addPublishedSides(stored);
    await printRun(shown, { ...options, format, baseline: way.baseline });
  }
  if (hasFailures(stored)) statuses.push(1);
  return worstStatus(statuses);
}

/** Published figures alone: nothing is launched and no run is made, since there is nothing that it could keep. */
async function presentPublished(
  spec: Spec,
  published: Parameters<typeof publishedTableInput>[0],
  options: RunOptions,
  occasion: RunIdentity,
): Promise<void> {
  if (spec.command !== undefined) {
    throw new TimetrialError("USAGE", "expected a side that can run the command, got published figures alone", {
      hint: "name a machine too: local, ssh:HOST, or a type",
    });
  }
  const shown = await publishedTableInput(published, options.suite === undefined ? undefined : spec.suites, occasion);
  const format = parseChoice("--format", options.format, formats);
  await printRun(shown, { ...options, format, baseline: spec.baseline });
}

/** `20261124-031500-3fa9`: sorts by time, and two in one second differ. */
function runName(now: Date): string {
  const digits = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${digits}-${randomBytes(2).toString("hex")}`;
}
