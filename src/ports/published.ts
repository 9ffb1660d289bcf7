// The port that reads published figures.

import type { PublishedSide } from "../domain/published/figures.ts";

/** Where published figures come from. */
export interface PublishedFigures {
  /** All published sides, in the order of their sources. */
  list(): Promise<readonly PublishedSide[]>;
  /** The side `published:OF`. @throws TimetrialError PUBLISHED_UNKNOWN, naming those that exist; RESULTS_CORRUPT */
  load(of: string): Promise<PublishedSide>;
}
