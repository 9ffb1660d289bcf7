// Where published figures come from.

import type { PublishedSide } from "../domain/published/figures.ts";

/** Where published figures come from. */
export interface PublishedFigures {
  /** What may stand behind `published:`, in the order of its sources. */
  list(): Promise<readonly PublishedSide[]>;
  /** @throws TimetrialError PUBLISHED_UNKNOWN, naming what there is; RESULTS_CORRUPT where a source does not fit */
  load(of: string): Promise<PublishedSide>;
}
