// `compare` and `run`: run, then report.

import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";
import { run } from "../../pipeline/run/run.ts";
import { pivotRun } from "../../pipeline/compare/pivot-by-command.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { newRunIdentity } from "../run/run-name.ts";
import { hasFailures, executeRun } from "../run/execute-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import { formats } from "../output/formats.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { type RunOptions, parseSpec } from "../options/run-options.ts";
import { parseChoice } from "../options/option-values.ts";
import { loadSuiteNames } from "../options/user-suites.ts";
import { openOwnSuite, openResults } from "../wiring.ts";
import { readMicroVms } from "../wiring/run-ports.ts";
import { publishedTableInput, publishedSides, addPublishedSides } from "../load/table-sources.ts";

export async function compareCommand(sides: readonly string[], options: RunOptions): Promise<number> {
  const format = options.dryRun === true ? "table" : parseChoice("--format", options.format, formats);
  const identity = newRunIdentity();
  const { baseline, ...others } = { ...options, own: await loadSuiteNames(options.suite ?? [], openOwnSuite) };
  const parsed = parseSpec(
    sides,
    options.by === "command" ? others : { ...others, ...(baseline && { baseline }) },
    identity.run,
  );
  const spec: Spec = {
    ...parsed,
    sides: await readMicroVms(parsed.sides, (side) => (side.kind === "firecracker" ? side.file : undefined)),
  };
  const axis = parseComparisonAxis(spec, options.by, baseline);
  const published = publishedSides(spec.sides);
  if (axis.by === "side" && options.dryRun !== true) refuseLoneSide(spec, options.leastSides);
  if (options.dryRun === true) return await (await import("./print-plan.ts")).planCommand(spec, options, identity);
  if (published.length === spec.sides.length) {
    await printPublished(spec, published, options, identity);
    return 0;
  }
  // Published figures that do not exist, or of none of the suites, are refused before anything is measured.
  await publishedTableInput(published, spec.suites, identity);
  const statuses = [
    await executeRun(spec, { ...options, axis }, (ports, observe, signal) =>
      run(spec, identity, ports, observe, signal),
    ),
  ];
  const stored = await (await openResults(options.results)).load(identity.run);
  if (stored.records.length > 0) {
    const input = axis.by === "command" ? pivotRun(stored, axis) : await addPublishedSides(stored);
    await printRun(input, { ...options, format, baseline: axis.baseline });
  }
  if (hasFailures(stored)) statuses.push(1);
  return worstStatus(statuses);
}

/** @throws TimetrialError USAGE where there is nothing to compare with */
function refuseLoneSide({ sides: [side, other] }: Spec, least = 1): void {
  if (side === undefined || other !== undefined || least < 2) return;
  throw new TimetrialError("USAGE", `compare: expected two sides or more, got ${side.name} alone`, {
    hint: `timetrial run --on ${side.name} measures one side; compare ${side.name} --aa compares it with itself`,
  });
}

/** Prints published figures alone. Nothing is launched, and no run is stored. */
async function printPublished(
  spec: Spec,
  published: Parameters<typeof publishedTableInput>[0],
  options: RunOptions,
  identity: RunIdentity,
): Promise<void> {
  if (spec.command !== undefined) {
    throw new TimetrialError("USAGE", "expected a side that can run the command, got published figures alone", {
      hint: "name a machine too: local, ssh:HOST, or a type",
    });
  }
  const input = await publishedTableInput(published, options.suite === undefined ? undefined : spec.suites, identity);
  const format = parseChoice("--format", options.format, formats);
  await printRun(input, { ...options, format, baseline: spec.baseline });
}
