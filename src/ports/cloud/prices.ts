// The port that finds prices. An unknown price is no error: the run goes on, and reports it as unknown.

import type { Market, TypePriceQuote } from "../../domain/cost/price-list.ts";

/** A request for the prices of instance types in one market. */
export interface PriceQuery {
  readonly types: readonly string[];
  readonly market: Market;
  /** For spot prices: the zone; absent: all zones of the region. */
  readonly zone?: string;
  readonly signal: AbortSignal;
}

/** A source of prices. An unknown price is no error. */
export interface PriceSource {
  /** Returns the known prices of `types`, and a line for each unknown one. @throws the signal's reason, nothing else */
  ask(query: PriceQuery): Promise<{ readonly quotes: readonly TypePriceQuote[]; readonly unknown: readonly string[] }>;
}
