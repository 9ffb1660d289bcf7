// The hourly price of a machine. No price is ever written in this program: each comes from a source.

import { defined } from "../defined.ts";
import { TimetrialError } from "../errors.ts";
import { quoteForMessage, type Side } from "../plan/side.ts";

/** The hourly price of a side's machines, from some source. Dollars. */
export interface Price {
  /** The side that the price applies to. */
  readonly side: string;
  readonly market: "on-demand" | "spot";
  readonly usd_per_hour: number;
  /** The source of the price. */
  readonly source: string;
  /** Since when the price holds, ISO 8601 to the day; absent if unknown. */
  readonly date?: string;
  /** The zone of the price; absent if the price is the same in all zones. */
  readonly zone?: string;
}

/**
 * Parses `texts`, each `TYPE=USD` or `TYPE:spot=USD` per hour, into prices of `sides`, which are found by type or name.
 * `date`: the day on which they are given.
 *
 * @throws TimetrialError USAGE
 */
export function parsePrices(texts: readonly string[], sides: readonly Side[], date?: string): Price[] {
  const prices = texts.flatMap((text): Price[] => {
    const [, target, spot, usd] = /^(.{1,200}?)(:spot)?=(\d{1,6}(?:\.\d{1,9})?)$/u.exec(text) ?? [];
    if (target === undefined || !(Number(usd) > 0)) {
      throw new TimetrialError("USAGE", `--price: expected TYPE=USD, dollars an hour, got ${quoteForMessage(text)}`, {
        hint: "such as c7g.large=0.0725, or c7g.large:spot=0.03",
      });
    }
    const fitting = sides.filter((side) => side.name === target || (side.kind === "ec2" && side.type === target));
    if (fitting.length === 0) {
      throw new TimetrialError("USAGE", `--price: there is no side ${quoteForMessage(target)}`, {
        hint: `the sides are ${sides.map(({ name }) => name).join(", ")}`,
      });
    }
    return fitting.map(({ name }) => ({
      side: name,
      market: spot === undefined ? "on-demand" : "spot",
      usd_per_hour: Number(usd),
      source: "--price",
      ...defined({ date }),
    }));
  });
  const twice = prices.find(
    (price, i) => prices.findIndex((other) => other.side === price.side && other.market === price.market) !== i,
  );
  if (twice === undefined) return prices;
  throw new TimetrialError("USAGE", `--price: ${quoteForMessage(twice.side)} has two ${twice.market} prices`);
}
