// `explain`: says in sentences how the cells of a stored run's table came about.

import { printableLines } from "../../../domain/printable.ts";
import { explainReport } from "../../../report/explain/explain-report.ts";
import { buildReportData } from "../../../report/build-report-data.ts";
import { pivotRun } from "../../../pipeline/compare/pivot-by-command.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import { quoteForMessage } from "../../../domain/plan/side.ts";
import { parseComparisonAxis } from "../../options/comparison-axis.ts";
import { addPublishedSides } from "../../load/table-sources.ts";
import { loadEither, loadRun } from "../../load/stored-run.ts";
import { outputColumns, print } from "../../output/terminal.ts";
import { findRun } from "../../output/results-root.ts";
import { type GateOptions, parseGate } from "../../options/gate-option.ts";

export interface ExplainOptions extends GateOptions {
  readonly baseline?: string;
  readonly by?: string;
  readonly results: string;
}

/** Returns exit status 1 where a file of the run was changed since it was closed, as `report` does. */
export async function explainCommand(named: string, row: string | undefined, options: ExplainOptions): Promise<number> {
  const gate = parseGate(options);
  const run = await findRun(named, options.results);
  const either = await loadEither(run, options.results);
  if (either?.boots !== undefined)
    throw new TimetrialError(
      "USAGE",
      `explain: expected a run of compare or run, got one of boot: ${quoteForMessage(run)}`,
    );
  const stored = either?.run ?? (await loadRun(run, options.results));
  const axis = parseComparisonAxis(stored.plan.spec, options.by, options.baseline);
  const input = axis.by === "side" ? await addPublishedSides(stored) : pivotRun(stored, axis);
  const report = await buildReportData(input, axis.baseline, gate);
  print(printableLines(explainReport(report, row, outputColumns())));
  return stored.changed === undefined ? 0 : 1;
}
