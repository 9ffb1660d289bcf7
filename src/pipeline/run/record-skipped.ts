// Records the trials that were not run. A run of many rounds may leave hundreds of thousands.

import type { Trial } from "../../domain/run/run-log.ts";
import { lotsOf } from "../../domain/lots.ts";
import { recordOfSkipped } from "../machine/build-record.ts";
import type { RecordSink } from "./run-context.ts";

type Place = Parameters<typeof recordOfSkipped>[2];

/** A trial that was not run, why, and where it would have been run. */
export interface SkippedTrial {
  readonly trial: Trial;
  readonly reason: string;
  readonly place: Place;
}

/** Records that are handed over together, so that the store may sync them together. */
const together = 1000;

/** Records all of `skipped`. @throws the reason of `signal` where it is aborted before all are recorded */
export async function recordSkipped(
  sink: Pick<RecordSink, "record">,
  skipped: readonly SkippedTrial[],
  signal?: AbortSignal,
): Promise<void> {
  for (const some of lotsOf(skipped, together)) {
    signal?.throwIfAborted();
    await Promise.all(some.map(({ trial, reason, place }) => sink.record(recordOfSkipped(trial, reason, place))));
  }
}
