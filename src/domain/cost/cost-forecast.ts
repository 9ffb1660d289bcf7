// What a run will cost and how long it may last, said before anything is launched.

import { minimumBilled_s } from "./bill.ts";
import { TimetrialError } from "../errors.ts";
import type { RunDuration } from "./duration-estimate.ts";
import { launchedSides, type Spec } from "../plan/plan.ts";
import { type Market, type PriceList, priceOfSide } from "./price-list.ts";

/**
 * Time and cost of a run, before anything is launched. Dollars (`_usd`), hours (`_h`). What is not known is absent.
 */
export interface CostForecast {
  readonly market: Market;
  /** Of all machines that run at once; absent where a price is not known. */
  readonly usd_per_hour?: number;
  /** Absent where a suite does not say how long it takes. */
  readonly expected?: RunDuration;
  readonly expected_usd?: number;
  /** Every machine lives to its deadline. */
  readonly worst_usd?: number;
  /** The deadline that every machine has from its launch. Hours. */
  readonly life_h: number;
  /** Sides whose price nobody knows. */
  readonly unpriced: readonly string[];
}

/** What `spec` will cost at the prices of `list`. `least_s`: so much of a machine is billed at least. */
export function forecastCost(
  spec: Spec,
  list: PriceList,
  expected: RunDuration | undefined,
  least_s: number = minimumBilled_s,
): CostForecast {
  const market: Market = spec.spot === true ? "spot" : "on-demand";
  const sides = launchedSides(spec).map(({ name }) => ({
    name,
    usd_per_hour: priceOfSide(list, name, market, spec.zone)?.usd_per_hour,
    machines: expected?.launched[name] ?? spec.machines,
    s: Math.max(expected?.machines_s[name] ?? 0, (expected?.launched[name] ?? spec.machines) * least_s),
  }));
  const unpriced = sides.flatMap(({ name, usd_per_hour }) => (usd_per_hour === undefined ? [name] : []));
  const about = { market, unpriced, ...(expected === undefined ? {} : { expected }) };
  if (unpriced.length > 0) return { ...about, life_h: spec.max_hours };
  const sum = (part: (side: (typeof sides)[number]) => number): number =>
    sides.reduce((usd, side) => usd + part(side) * (side.usd_per_hour ?? 0), 0);
  const usd_per_hour = sum(() => spec.machines);
  const expected_usd = sum(({ s }) => s / 3600);
  // One that will not do limits nothing: it is refused.
  const budget_usd =
    expected !== undefined && expected_usd > (spec.budget_usd ?? Infinity) ? undefined : spec.budget_usd;
  const life_h = Math.min(spec.max_hours, (budget_usd ?? Infinity) / usd_per_hour);
  const worst_usd = sum(({ machines }) => machines * life_h);
  return {
    ...about,
    usd_per_hour,
    ...(expected === undefined ? {} : { expected_usd }),
    // What comes after the first lot of machines is launched only as far as the budget goes.
    worst_usd: Math.min(worst_usd, budget_usd ?? worst_usd),
    life_h,
  };
}

/** `less`: what would cost less. @throws TimetrialError REFUSED where the budget cannot be held, or will not do */
export function refuseOverBudget(
  spec: Spec,
  { unpriced, expected_usd }: CostForecast,
  { unknown }: PriceList,
  less: string = "timetrial plan shows what it is made of; fewer --machines or --rounds cost less",
): void {
  const { budget_usd } = spec;
  if (budget_usd === undefined) return;
  if (launchedSides(spec).length === 0) {
    throw new TimetrialError("REFUSED", "--budget: nothing is launched, so nothing is spent that it could limit", {
      hint: "leave it out",
    });
  }
  if (unpriced.length > 0) {
    const why = unknown.length === 0 ? "" : `: ${unknown.join("; ")}`;
    throw new TimetrialError(
      "REFUSED",
      `--budget: what an hour of ${unpriced.join(" and ")} costs is not known${why}`,
      {
        hint: `say it: ${unpriced.map((side) => `--price ${side}${spec.spot === true ? ":spot" : ""}=USD`).join(" ")}`,
      },
    );
  }
  if (expected_usd !== undefined && expected_usd > budget_usd) {
    throw new TimetrialError(
      "REFUSED",
      `--budget: expected a run of at most ${dollars(budget_usd)}, and this one will cost about ${dollars(expected_usd)}`,
      { hint: less },
    );
  }
}

/** `$0.31`, `$12.50`; below a cent two digits: `$0.0041`. */
export function dollars(usd: number): string {
  return `$${usd === 0 || usd >= 0.01 ? usd.toFixed(2) : usd.toFixed(Math.min(6, 1 - Math.floor(Math.log10(usd))))}`;
}
