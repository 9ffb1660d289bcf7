// What an hour of a machine costs, as somebody says it. No price is ever written in this program.

import { TimetrialError } from "../errors.ts";
import { quoteForMessage, type Side } from "../plan/side.ts";

/** What an hour of a side's machines costs, as somebody says it. Dollars. */
export interface Price {
  /** The side that it is for. */
  readonly side: string;
  readonly market: "on-demand" | "spot";
  readonly usd_per_hour: number;
  /** Who says so. */
  readonly source: string;
  /** Since when it has been so, ISO 8601 to the day; absent where nobody says. */
  readonly date?: string;
  /** Where it is so; absent where it is the same in all zones. */
  readonly zone?: string;
}

/**
 * The prices that `texts`, each `TYPE=USD` or `TYPE:spot=USD` an hour, give to `sides`, which are named by type or name.
 * `date`: the day on which they are given.
 *
 * @throws TimetrialError USAGE
 */
export function parsePrices(texts: readonly string[], sides: readonly Side[], date?: string): Price[] {
  const prices = texts.flatMap((text): Price[] => {
    const [, what, spot, usd] = /^(.{1,200}?)(:spot)?=(\d{1,6}(?:\.\d{1,9})?)$/u.exec(text) ?? [];
    if (what === undefined || !(Number(usd) > 0)) {
      throw new TimetrialError("USAGE", `--price: expected TYPE=USD, dollars an hour, got ${quoteForMessage(text)}`, {
        hint: "such as c7g.large=0.0725, or c7g.large:spot=0.03",
      });
    }
    const fitting = sides.filter((side) => side.name === what || (side.kind === "ec2" && side.type === what));
    if (fitting.length === 0) {
      throw new TimetrialError("USAGE", `--price: there is no side ${quoteForMessage(what)}`, {
        hint: `the sides are ${sides.map(({ name }) => name).join(", ")}`,
      });
    }
    return fitting.map(({ name }) => ({
      side: name,
      market: spot === undefined ? "on-demand" : "spot",
      usd_per_hour: Number(usd),
      source: "--price",
      ...(date === undefined ? {} : { date }),
    }));
  });
  const twice = prices.find(
    (one, i) => prices.findIndex((other) => other.side === one.side && other.market === one.market) !== i,
  );
  if (twice === undefined) return prices;
  throw new TimetrialError("USAGE", `--price: ${quoteForMessage(twice.side)} has two ${twice.market} prices`);
}
