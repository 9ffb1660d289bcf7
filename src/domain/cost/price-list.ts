// The hourly prices of each side's machines, as prices.json stores them: each price with its date and source.

import * as v from "valibot";
import { text } from "../schema.ts";
import { TimetrialError } from "../errors.ts";
import type { Price } from "./price.ts";
import type { Side } from "../plan/side.ts";

export const pricesSchema = v.array(
  v.strictObject({
    side: text,
    market: v.picklist(["on-demand", "spot"]),
    usd_per_hour: v.pipe(v.number(), v.finite(), v.gtValue(0)),
    source: text,
    date: v.exactOptional(text),
    zone: v.exactOptional(text),
  }),
);

/** The schema of prices.json. */
export const priceListSchema = v.strictObject({
  schema: v.literal(1),
  prices: pricesSchema,
  /** Why prices are missing, one line each. */
  unknown: v.array(text),
});

/**
 * prices.json: the prices that were known when a run began. `unknown` says why other prices are missing, one line each.
 */
export type PriceList = Readonly<v.InferOutput<typeof priceListSchema>>;

/** How a machine is paid for. */
export type Market = Price["market"];

/** A type's price as a cloud quotes it: for all zones if `zone` is absent. */
export interface TypePriceQuote {
  readonly type: string;
  readonly market: Market;
  readonly usd_per_hour: number;
  readonly source: string;
  /** ISO 8601, to the day: since when the price holds. */
  readonly date?: string;
  readonly zone?: string;
}

/** Merges prices: the user's `given` ones, and `quotes` for what the user did not price. */
export function mergePrices(
  sides: readonly Side[],
  given: readonly Price[],
  quotes: readonly TypePriceQuote[],
  unknown: readonly string[],
): PriceList {
  const quoted = sides.flatMap((side) =>
    quotes
      .filter((quote) => side.kind === "ec2" && side.type === quote.type)
      .filter(({ market }) => !given.some((price) => price.side === side.name && price.market === market))
      .map(({ type: _type, ...rest }) => ({ side: side.name, ...rest })),
  );
  return { schema: 1, prices: [...given, ...quoted], unknown: [...unknown] };
}

/**
 * Returns the price for `side` in `zone`. If the zone is not known yet, it returns the highest price that may apply.
 */
export function priceOfSide(list: PriceList, side: string, market: Market, zone?: string): Price | undefined {
  const own = list.prices.filter((price) => price.side === side && price.market === market);
  const here = own.filter((price) => price.zone === undefined || zone === undefined || price.zone === zone);
  return here.toSorted((a, b) => b.usd_per_hour - a.usd_per_hour)[0];
}

/**
 * Parses the `usd` of --budget. Returns dollars.
 *
 * @throws TimetrialError USAGE
 */
export function parseBudget(usd: string): number {
  if (/^\d{1,6}(\.\d{1,4})?$/.test(usd) && Number(usd) > 0) return Number(usd);
  throw new TimetrialError(
    "USAGE",
    `--budget: expected dollars above 0, such as 5 or 0.50, got ${JSON.stringify(usd)}`,
  );
}
