// `resume`: continues a run whose client died or was interrupted, then prints its table.

import { say } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import { resume as continueRun } from "../../pipeline/run/run.ts";
import { pivotRun } from "../../pipeline/compare/pivot-by-command.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { hasFailures, executeRun } from "../run/execute-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import { formats } from "../output/formats.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { parseChoice } from "../options/option-values.ts";
import { addPublishedSides } from "../load/table-sources.ts";
import { refuseStrangersRun, strangersRunText } from "../load/trust.ts";
import { openResults, openRunFolder } from "../wiring.ts";
import type { ReportOptions } from "./report.ts";

export interface ResumeOptions extends ReportOptions {
  readonly quiet?: boolean;
  /** Go on with a run that was not begun here. */
  readonly trust?: boolean;
}

export async function resumeCommand(run: string, options: ResumeOptions): Promise<number> {
  const format = parseChoice("--format", options.format, formats);
  const results = await openResults(options.results);
  const folder = await openRunFolder(options.results, run);
  const before = await folder.readRun();
  const { spec } = before.plan;
  const axis = parseComparisonAxis(spec, options.by, options.baseline);
  // Machines that could not be given back then are given back now.
  if (before.finished === true && before.sums !== undefined && before.absence?.state !== "left") {
    say(printableLines(`timetrial: ${before.plan.run} is finished: nothing was done`));
    return 0;
  }
  if (!(await folder.wasBegunHere())) {
    refuseStrangersRun(before, options.trust === true);
    say(printableLines(`timetrial: ${strangersRunText(before)}`));
  }
  const status = await executeRun(spec, { ...options, axis: axis }, (ports, observe, signal) =>
    continueRun(before, ports, observe, signal),
  );
  const stored = await results.load(folder.path);
  if (stored.records.length > 0) {
    const shown = axis.by === "command" ? pivotRun(stored, axis) : await addPublishedSides(stored);
    await printRun(shown, { ...options, format, baseline: axis.baseline });
  }
  return worstStatus([status, hasFailures(stored) ? 1 : 0]);
}
