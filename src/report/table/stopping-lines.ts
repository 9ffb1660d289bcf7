// How the rounds ended of runs whose rounds were not counted beforehand: a line for each suite.

import { describeStop } from "../../domain/plan/stopping-rule.ts";
import type { ReportData, ReportRun } from "../report-data.ts";

/** `hashes stopped after 14 rounds: every interval is within ±1 %`; of several runs, each by its name. */
export function stoppingLines({ plan, stopped, sources }: ReportData): string[] {
  if (sources !== undefined) return sources.flatMap((run) => ofRun(run, `${run.tag}: `));
  return ofRun({ plan, ...(stopped === undefined ? {} : { stopped }) }, "");
}

function ofRun({ plan, stopped = [] }: Pick<ReportRun, "plan" | "stopped">, tag: string): string[] {
  const { until } = plan.spec;
  if (until === undefined) return [];
  return stopped.map((one) => `${tag}${plan.suites.length > 1 ? `${one.suite} ` : ""}${describeStop(one, until)}`);
}
