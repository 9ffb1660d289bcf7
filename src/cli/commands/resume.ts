// `resume`: continues a run whose client died or was interrupted, then prints its table.

import { say } from "../output/terminal.ts";
import { LedgerState } from "../../domain/cloud/ledger.ts";
import { printableLines } from "../../domain/printable.ts";
import { someRecord } from "../../domain/records/record-columns.ts";
import { isForBudget } from "../../domain/run/trial-record.ts";
import type { StoredRun } from "../../ports/results.ts";
import { resume as continueRun } from "../../pipeline/run/run.ts";
import { parseRank } from "../options/rank-option.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { chooseProgress } from "../run/choose-progress.ts";
import { hasFailures, executeRun } from "../run/execute-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import { outputTargets } from "../output/output-targets.ts";
import { printStoredRun } from "../output/print-stored-run.ts";
import { findRun } from "../output/results-root.ts";
import { refuseStrangersRun, strangersRunText } from "../load/trust.ts";
import { openResults, openRunFolder } from "../wiring.ts";
import type { ReportOptions } from "./report.ts";

export interface ResumeOptions extends ReportOptions {
  readonly quiet?: boolean;
  readonly progress?: string;
  /** Continue a run that was not begun here. */
  readonly trust?: boolean;
}

export async function resumeCommand(named: string, options: ResumeOptions): Promise<number> {
  chooseProgress(options.progress);
  const targets = outputTargets(options);
  const run = await findRun(named, options.results);
  const results = await openResults(options.results);
  const folder = await openRunFolder(options.results, run);
  const before = await folder.readRun();
  const { spec } = before.plan;
  const axis = parseComparisonAxis(spec, options.by, options.baseline);
  parseRank(options.rank, spec.sides.length, axis.by);
  if (before.finished === true && before.sums !== undefined && !mayBeLeft(before)) {
    say(printableLines(`timetrial: ${before.plan.run} is finished: there is nothing to do`));
    return 0;
  }
  if (!(await folder.isOriginProven())) {
    refuseStrangersRun(before, options.trust === true);
    say(printableLines(`timetrial: ${strangersRunText(before)}`));
  }
  const status = await executeRun(spec, { ...options, axis: axis }, (ports, observe, signal) =>
    continueRun(before, ports, observe, signal),
  );
  const stored = await results.load(folder.path);
  // Exit status 0 means that there is a result.
  const printed = stored.records.length > 0 ? await printStoredRun(stored, axis, { ...options, targets }) : undefined;
  // The client that the budget ended may have been killed before it could say so.
  const isWell = printed?.isComplete === true && !hasFailures(stored) && !someRecord(stored.records, isForBudget);
  return worstStatus([status, isWell ? 0 : 1, printed?.gate ?? 0]);
}

/** Whether machines of the run may be left: this client gives back what an earlier one could not, or did not note. */
function mayBeLeft({ absence, ledger = [] }: StoredRun): boolean {
  const { living, open } = LedgerState.of(ledger);
  return absence === undefined ? living.length + open.length > 0 : absence.state === "left";
}
