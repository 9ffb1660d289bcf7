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

export function cleanupBatchText(suite: PlannedSuite, attempt: number): string {
  return [...head(suite), `cleanup ${suite.name}.cleanup ${attempt} ${asideLimit_s(suite)}`, ""].join("\n");
}

/** What is fetched and unpacked for a row of many hours may itself take some. */
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
 * Bytes of a batch's text. In base64 and within a script that is sent in base64 again, it stays below the 64 kB of an SSM
 * document, and far below the 128 KiB that Linux takes as one argument.
 */
const mostBytes = 18_000;

/** Whether the text of a batch can be sent. */
export function fitsBatch(text: string): boolean {
  return Buffer.byteLength(text) <= mostBytes;
}

/** `trials` of `suite` in batches that can be sent, in order. A batch has one trial at least. */
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
