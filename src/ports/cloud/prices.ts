// Where prices come from. Not to know one is no fault: it is said, and the run goes on.

import type { Market, TypePriceQuote } from "../../domain/cost/price-list.ts";

/** Types whose prices are wanted, and how they are paid for. */
export interface PriceQuery {
  readonly types: readonly string[];
  readonly market: Market;
  /** Of spot prices: those of this zone alone. */
  readonly zone?: string;
  readonly signal: AbortSignal;
}

/** Where prices come from. Not knowing one is no error. */
export interface PriceSource {
  /** What is known of `types`, and why the rest is not, a line each. Nothing is thrown but the signal's reason. */
  ask(wish: PriceQuery): Promise<{ readonly quotes: readonly TypePriceQuote[]; readonly unknown: readonly string[] }>;
}
