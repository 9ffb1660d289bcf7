// Estimates what a run will cost, before anything is launched: gets the prices and computes the forecast.

import { defined } from "../../domain/defined.ts";
import { minimumBilled_s } from "../../domain/cost/bill.ts";
import {
  assumedBoot_s,
  expectedDuration,
  type RunDuration,
  dependsOnCpuCount,
} from "../../domain/cost/duration-estimate.ts";
import { type CostForecast, forecastCost, refuseOverBudget } from "../../domain/cost/cost-forecast.ts";
import { type RowEstimate, rowEstimates } from "../../domain/cost/row-estimates.ts";
import { launchedSides, type Spec } from "../../domain/plan/plan.ts";
import { type Market, type PriceList, mergePrices } from "../../domain/cost/price-list.ts";
import type { Price } from "../../domain/cost/price.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { PriceSource } from "../../ports/cloud/prices.ts";
import { refuseOutlivingMachines } from "../plan/refuse-impossible.ts";
import type { PreparedPlan } from "../plan/make-plan.ts";

/** The sources of prices and machine sizes. */
export interface PriceInputs {
  /** The user's own prices: they take precedence. */
  readonly given: readonly Price[];
  readonly prices: PriceSource;
  /** Returns the vCPUs of a machine of the side; undefined if not known yet. */
  readonly vcpus: (side: Side) => Promise<number | undefined>;
  /** Scales a cloud's delays and its minimum billed time: 1, or less in a sandbox whose minutes take seconds. */
  readonly timeScale: number;
}

/** By side: why its image costs something else than the price of its type. */
export type UnpricedSides = ReadonlyMap<string, string>;

/** What the provisioners know of the machines before they are launched. */
export interface MachineLookups {
  readonly unpriced?: UnpricedSides;
  /** How long the slowest machine takes until it is managed. Absent: as most do. Seconds. */
  readonly boot_s?: number;
}

/** What a run is expected to cost, and the prices behind it. */
export interface CostEstimate {
  readonly list: PriceList;
  readonly forecast: CostForecast;
  /** The minimum billed time of a machine. Seconds. */
  readonly least_s: number;
  /** The time that a budget reserves for terminating the machines. Seconds. */
  readonly ending_s: number;
  /** What each row takes; absent where no rows are run. */
  readonly rows?: readonly RowEstimate[];
  /** By suite: where its estimate comes from, as its manifest says. */
  readonly sources?: ReadonlyMap<string, string>;
}

/** Until EC2 has accepted the terminations, with retries after lost responses. Seconds. */
const ending_s = 20;

/**
 * As `estimateCost`, but refuses a plan whose budget does not cover it.
 *
 * @throws TimetrialError REFUSED if the budget cannot be enforced, or is too small
 */
export async function estimateWithinBudget(
  planned: PreparedPlan,
  priceInputs: PriceInputs | undefined,
  signal: AbortSignal,
  lookups: MachineLookups = {},
): Promise<CostEstimate | undefined> {
  const costEstimate = await estimateCost(planned, priceInputs, signal, lookups);
  refuseOutlivingMachines(planned, costEstimate?.forecast.expected);
  if (costEstimate === undefined) refuseOverBudget(planned.plan.spec, nothing, noPrices);
  else refuseOverBudget(planned.plan.spec, costEstimate.forecast, costEstimate.list);
  return costEstimate;
}

const noPrices: PriceList = { schema: 1, prices: [], unknown: [] };
const nothing: CostForecast = { market: "on-demand", life_h: 0, unpriced: [] };

/**
 * Returns what `planned` will cost; undefined if no machine costs money. `known`: the prices of an earlier part of the
 * run, if it is resumed. A price source is not queried for what the user has priced, nor if nothing is launched.
 */
export async function estimateCost(
  planned: PreparedPlan,
  priceInputs: PriceInputs | undefined,
  signal: AbortSignal,
  { known, unpriced, boot_s = assumedBoot_s }: MachineLookups & { readonly known?: PriceList | undefined } = {},
): Promise<CostEstimate | undefined> {
  if (priceInputs === undefined) return undefined;
  const { vcpus, timeScale } = priceInputs;
  const { spec } = planned.plan;
  const list = known ?? (await fetchPrices(spec, priceInputs, signal, unpriced));
  const sizes = new Map<Side, number | undefined>();
  const wide = [...planned.estimates.values()].some(dependsOnCpuCount);
  if (wide) for (const side of spec.sides) sizes.set(side, await vcpus(side));
  const grounds = {
    estimates: planned.estimates,
    vcpus: (side: Side) => sizes.get(side),
    boot_s: boot_s * timeScale,
  };
  const takes = expectedDuration(planned.plan, grounds);
  return {
    ...costEstimateFor(spec, list, takes, timeScale),
    rows: rowEstimates(planned.plan, grounds),
    sources: new Map(
      [...planned.estimates].flatMap(([suite, { note }]) => (note === undefined ? [] : [[suite, note] as const])),
    ),
  };
}

/** Returns the cost of a run of `spec` that takes `takes`, at the prices of `list`. */
export function costEstimateFor(
  spec: Spec,
  list: PriceList,
  takes: RunDuration | undefined,
  timeScale: PriceInputs["timeScale"],
): CostEstimate {
  const least_s = minimumBilled_s * timeScale;
  return {
    list,
    forecast: forecastCost(spec, list, takes, least_s),
    least_s,
    ending_s: Math.max(2, ending_s * timeScale),
  };
}

/** Returns the prices of what `spec` launches. The price source is not queried for what the user has priced. */
export async function fetchPrices(
  spec: Spec,
  { given, prices }: PriceInputs,
  signal: AbortSignal,
  unpriced: UnpricedSides = new Map(),
): Promise<PriceList> {
  const market: Market = spec.spot === true ? "spot" : "on-demand";
  const open = launchedSides(spec).filter(
    ({ name }) => !given.some((price) => price.side === name && price.market === market),
  );
  // A type's price is that of plain Linux: for images that are billed as more, the source is not queried.
  const asked = open.filter(({ name }) => !unpriced.has(name));
  const why = open.flatMap(({ name }) => unpriced.get(name) ?? []);
  if (asked.length === 0) return mergePrices(spec.sides, given, [], why);
  const types = [...new Set(asked.map(({ type }) => type))];
  const { quotes, unknown } = await prices.ask({
    types,
    market,
    signal,
    ...defined({ zone: spec.zone }),
  });
  const priced = mergePrices(spec.sides, given, quotes, [...unknown, ...why]);
  return { ...priced, prices: priced.prices.filter((price) => given.includes(price) || !unpriced.has(price.side)) };
}
