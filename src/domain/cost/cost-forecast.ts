// Forecasts what a run will cost and how long it may last, before anything is launched.

import { defined } from "../defined.ts";
import { minimumBilled_s } from "./bill.ts";
import { TimetrialError } from "../errors.ts";
import type { RunDuration } from "./duration-estimate.ts";
import { launchedSides, type Spec } from "../plan/plan.ts";
import { type Market, type PriceList, priceOfSide } from "./price-list.ts";

/**
 * Time and cost of a run, before anything is launched. Dollars (`_usd`), hours (`_h`). Unknown values are absent.
 */
export interface CostForecast {
  readonly market: Market;
  /** For all machines that run at once; absent if a price is unknown. */
  readonly usd_per_hour?: number;
  /** Absent if a suite gives no estimate of its duration. */
  readonly expected?: RunDuration;
  readonly expected_usd?: number;
  /** The cost if every machine lives to its deadline. */
  readonly worst_usd?: number;
  /** The deadline of every machine, counted from its launch. Hours. */
  readonly life_h: number;
  /** Sides whose price is unknown. */
  readonly unpriced: readonly string[];
}

/**
 * Returns the forecast of `spec` at the prices of `list`. `least_s`: the minimum billed time of a machine, in seconds.
 */
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
  const about = { market, unpriced, ...defined({ expected }) };
  if (unpriced.length > 0) return { ...about, life_h: spec.max_hours };
  const sum = (part: (side: (typeof sides)[number]) => number): number =>
    sides.reduce((usd, side) => usd + part(side) * (side.usd_per_hour ?? 0), 0);
  const usd_per_hour = sum(() => spec.machines);
  const expected_usd = sum(({ s }) => s / 3600);
  // A budget below the expected cost is refused, so it limits nothing.
  const budget_usd =
    expected !== undefined && expected_usd > (spec.budget_usd ?? Infinity) ? undefined : spec.budget_usd;
  const life_h = Math.min(spec.max_hours, (budget_usd ?? Infinity) / usd_per_hour);
  const worst_usd = sum(({ machines }) => machines * life_h);
  return {
    ...about,
    usd_per_hour,
    ...(expected === undefined ? {} : { expected_usd }),
    // Machines after the first lot are launched only while the budget allows.
    worst_usd: Math.min(worst_usd, budget_usd ?? worst_usd),
    life_h,
  };
}

/**
 * Refuses a run that its budget does not cover. `less`: a hint at what would cost less.
 *
 * @throws TimetrialError REFUSED if the budget cannot be enforced, or is too small
 */
export function refuseOverBudget(
  spec: Spec,
  { unpriced, expected_usd }: CostForecast,
  { unknown }: PriceList,
  less: string = "timetrial plan shows what it is made of; fewer --machines or --rounds cost less",
): void {
  const { budget_usd } = spec;
  if (budget_usd === undefined) return;
  if (launchedSides(spec).length === 0) {
    throw new TimetrialError("REFUSED", "--budget: nothing is launched, so there is no cost to limit", {
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

/** Formats dollars: `$0.31`, `$12.50`; below a cent two digits: `$0.0041`. */
export function dollars(usd: number): string {
  return `$${usd === 0 || usd >= 0.01 ? usd.toFixed(2) : usd.toFixed(Math.min(6, 1 - Math.floor(Math.log10(usd))))}`;
}
