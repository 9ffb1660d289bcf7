// Writes the plan text of a batch: the steps that one call sends to a machine (`remote/README.md` section 3).

import type { Trial } from "../../domain/run/run-log.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";

/** Returns the trial's id on the machine, without its attempt. */
export function trialId(trial: Pick<Trial, "suite" | "row" | "impl" | "round">): string {
  return `${trial.suite}.r${trial.round}.${trial.row}.${trial.impl}`;
}

/** The smallest time limit of setup and cleanup, which compile and download. Seconds. */
const stepLimit_s = 3600;

export function setupBatchText(suite: PlannedSuite, attempt: number): string {
  return [...head(suite), `setup ${suite.name}.setup ${attempt} ${asideLimit_s(suite)}`, ""].join("\n");
}

export function cleanupBatchText(suite: PlannedSuite, attempt: number): string {
  return [...head(suite), `cleanup ${suite.name}.cleanup ${attempt} ${asideLimit_s(suite)}`, ""].join("\n");
}

/** Time limit of setup and cleanup. To prepare a row that takes hours may itself take hours. Seconds. */
function asideLimit_s(suite: PlannedSuite): number {
  return Math.max(stepLimit_s, ...suite.rows.map((row) => row.limit_s));
}

export function trialsBatchText(suite: PlannedSuite, trials: readonly Trial[]): string {
  return [...head(suite), ...trials.map(trialLine), ""].join("\n");
}

function trialLine(trial: Trial): string {
  return `trial ${trialId(trial)} ${trial.attempt} ${trial.round} ${trial.row} ${trial.impl} auto ${trial.limit_s}`;
}

/**
 * Most bytes of a batch's text. The text is sent in base64, in a script that is sent in base64 again. It stays below
 * the 64 kB of an SSM document, and far below the 128 KiB of an argument on Linux.
 */
const mostBytes = 18_000;

/** Whether the text of a batch is small enough to send. */
export function fitsBatch(text: string): boolean {
  return Buffer.byteLength(text) <= mostBytes;
}

/** Splits `trials` of `suite` into batches that are small enough to send, in order. A batch has at least one trial. */
export function splitIntoBatches(suite: PlannedSuite, trials: readonly Trial[]): Trial[][] {
  const batches: Trial[][] = [];
  const empty = Buffer.byteLength(trialsBatchText(suite, []));
  let bytes = Number.POSITIVE_INFINITY;
  for (const trial of trials) {
    const line = Buffer.byteLength(`${trialLine(trial)}\n`);
    if (bytes + line > mostBytes) {
      batches.push([]);
      bytes = empty;
    }
    batches.at(-1)?.push(trial);
    bytes += line;
  }
  return batches;
}

function head(suite: PlannedSuite): string[] {
  const params = Object.entries(suite.params).map(([name, value]) => `param ${name} ${value}`);
  return ["timetrial-batch 1", `suite ${suite.name} ${suite.digest}`, ...params];
}
