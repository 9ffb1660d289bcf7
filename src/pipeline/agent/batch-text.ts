// A batch: the steps that a machine is sent in one call, as the text of its plan (`remote/README.md` section 3).

import type { Trial } from "../../domain/run/run-log.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";

/** The trial's id on the machine, without its attempt. */
export function trialId(trial: Pick<Trial, "suite" | "row" | "impl" | "round">): string {
  return `${trial.suite}.r${trial.round}.${trial.row}.${trial.impl}`;
}

/** The least limit of setup and cleanup: they compile and fetch. */
const stepLimit_s = 3600;

export function setupBatchText(suite: PlannedSuite, attempt: number): string {
  return [...head(suite), `setup ${suite.name}.setup ${attempt} ${asideLimit_s(suite)}`, ""].join("\n");
}

export function cleanupBatchText(suite: PlannedSuite): string {
  return [...head(suite), `cleanup ${suite.name}.cleanup 1 ${asideLimit_s(suite)}`, ""].join("\n");
}

/** What is fetched and unpacked for a row of many hours may itself take some. */
function asideLimit_s(suite: PlannedSuite): number {
  return Math.max(stepLimit_s, ...suite.rows.map((row) => row.limit_s));
}

export function trialsBatchText(suite: PlannedSuite, trials: readonly Trial[]): string {
  const lines = trials.map(
    (trial) =>
      `trial ${trialId(trial)} ${trial.attempt} ${trial.round} ${trial.row} ${trial.impl} auto ${trial.limit_s}`,
  );
  return [...head(suite), ...lines, ""].join("\n");
}

function head(suite: PlannedSuite): string[] {
  const params = Object.entries(suite.params).map(([name, value]) => `param ${name} ${value}`);
  return ["timetrial-batch 1", `suite ${suite.name} ${suite.digest}`, ...params];
}
