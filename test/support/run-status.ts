// What other work on the computer does to a run: which runs it takes from a result, and the exit status that says so.

import type { Ended } from "./cli.ts";

export interface CompletedTrial {
  readonly suite?: string;
  readonly side: string;
  readonly row: string;
  readonly impl: string;
  readonly round: number;
  readonly tainted: readonly string[];
}

/**
 * Returns 0; or 1 where other work tainted all of a row's runs on a side after its first `warmup` rounds: the run has no
 * result there, and its status says so.
 */
export function statusOfCompleted(records: readonly CompletedTrial[], warmup: number): number {
  const kept = new Map<string, boolean>();
  for (const { suite, side, row, impl, round, tainted } of records) {
    const key = [suite, side, row, impl].join(" ");
    kept.set(key, kept.get(key) === true || (round > warmup && tainted.length === 0));
  }
  return [...kept.values()].every(Boolean) ? 0 : 1;
}

/** Returns what a run printed of the runs that other work on the computer took from it: `1 of 3 runs left out (1 steal)`. */
export function lostToOthers({ stdout, stderr }: Ended): string | undefined {
  const lost =
    /\d+ of \d+ runs? left out \([^)]*\b(?:steal|others-cpu|swap)\b[^)]*\)|more than half of the runs not kept/;
  return lost.exec(stdout + stderr)?.[0];
}

/** The status of a run of which `expected` is expected: 1 is 0 where a row has no result because of other work, and the run says it. */
export function statusWithoutOthers(ended: Ended, expected: number): number | null {
  return ended.status === 1 && expected === 0 && lostToOthers(ended) !== undefined ? 0 : ended.status;
}
