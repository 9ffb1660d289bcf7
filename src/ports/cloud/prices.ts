// The port that finds prices. An unknown price is no error: the run goes on, and says so.

import type { Market, TypePriceQuote } from "../../domain/cost/price-list.ts";

/** Types whose prices are wanted, and how they are paid for. */
export interface PriceQuery {
  readonly types: readonly string[];
  readonly market: Market;
  /** For spot prices: the zone; absent: all zones of the region. */
  readonly zone?: string;
  readonly signal: AbortSignal;
}

/** Where prices come from. Not knowing one is no error. */
export interface PriceSource {
  /** The known prices of `types`, and a line for each that is not known. @throws the signal's reason, nothing else */
  ask(query: PriceQuery): Promise<{ readonly quotes: readonly TypePriceQuote[]; readonly unknown: readonly string[] }>;
}
