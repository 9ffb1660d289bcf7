// The exit status of a run all of whose trials completed, on a computer that other work keeps busy.

interface CompletedTrial {
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
