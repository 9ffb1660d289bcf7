// The port that reads published figures.

import type { PublishedSide } from "../domain/published/figures.ts";

/** Reads published figures. */
export interface PublishedFigures {
  /** Returns all published sides, in the order of their sources. */
  list(): Promise<readonly PublishedSide[]>;
  /**
   * Returns the side `published:OF`.
   *
   * @throws TimetrialError PUBLISHED_UNKNOWN, naming the sides that exist; RESULTS_CORRUPT
   */
  load(of: string): Promise<PublishedSide>;
}
