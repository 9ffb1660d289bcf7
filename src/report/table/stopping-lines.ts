// Says how the rounds of a run ended where their number was not fixed: a line for each suite.

import { defined } from "../../domain/defined.ts";
import { describeStop } from "../../domain/plan/stopping-rule.ts";
import type { ReportData, ReportRun } from "../report-data.ts";

/**
 * Returns `hashes stopped after 14 rounds: every interval is within ±1 %`. With several runs, each line begins with
 * the run's name.
 */
export function stoppingLines({ plan, stopped, sources }: ReportData): string[] {
  if (sources !== undefined) return sources.flatMap((run) => ofRun(run, `${run.tag}: `));
  return ofRun({ plan, ...defined({ stopped }) }, "");
}

function ofRun({ plan, stopped = [] }: Pick<ReportRun, "plan" | "stopped">, tag: string): string[] {
  const { until } = plan.spec;
  if (until === undefined) return [];
  return stopped.map((stop) => `${tag}${plan.suites.length > 1 ? `${stop.suite} ` : ""}${describeStop(stop, until)}`);
}
