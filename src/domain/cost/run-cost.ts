// Computes what a stored run cost, and at which prices, from its ledger and its price list.

import { cost_usd, billedMachines } from "./bill.ts";
import { type LedgerEntry, LedgerState } from "../cloud/ledger.ts";
import type { Spec } from "../plan/plan.ts";
import { type Market, type PriceList, priceOfSide } from "./price-list.ts";
import type { Price } from "./price.ts";

interface BilledRun {
  readonly plan: { readonly spec: Spec };
  readonly ledger?: readonly LedgerEntry[];
  readonly prices?: PriceList;
}

/** The cost of a run's machines. Dollars. */
export interface RunCost {
  readonly usd: number;
  /** Whether a machine was not given back: it is then counted up to its deadline. */
  readonly atMost: boolean;
}

/** Returns undefined if a machine has no price, or its end is unknown. */
export function costOfRun({ plan, ledger, prices }: BilledRun): RunCost | undefined {
  const leases = ledger === undefined ? undefined : billedMachines(ledger);
  if (leases === undefined || prices === undefined) return undefined;
  const market = marketOf(plan.spec);
  const usd = cost_usd(leases, (side, zone) => priceOfSide(prices, side, market, zone)?.usd_per_hour, Infinity);
  if (usd === undefined || !Number.isFinite(usd)) return undefined;
  return { usd, atMost: leases.some(({ until_ms }) => until_ms === undefined) };
}

/** Returns the prices of the run's machines: each side's price, in the zones where its machines were. */
export function pricesOfRun({ plan, ledger = [], prices }: BilledRun): Price[] {
  if (prices === undefined) return [];
  const { launches } = LedgerState.of(ledger);
  return plan.spec.sides.flatMap(({ name }) => {
    const last = launches.findLast(({ intent }) => intent.side === name);
    return priceOfSide(prices, name, marketOf(plan.spec), last?.intent.zone) ?? [];
  });
}

function marketOf({ spot }: Pick<Spec, "spot">): Market {
  return spot === true ? "spot" : "on-demand";
}
