// What a stored run cost, and at which prices: its ledger and its price list, read together.

import { cost_usd, billedMachines } from "./bill.ts";
import { type LedgerEntry, LedgerState } from "../cloud/ledger.ts";
import type { Spec } from "../plan/plan.ts";
import { type Market, type PriceList, priceOfSide } from "./price-list.ts";
import type { Price } from "./price.ts";

interface Kept {
  readonly plan: { readonly spec: Spec };
  readonly ledger?: readonly LedgerEntry[];
  readonly prices?: PriceList;
}

/** What a run's machines cost. Dollars. */
export interface RunCost {
  readonly usd: number;
  /** Whether a machine was not given back: then it is counted to its deadline. */
  readonly atMost: boolean;
}

/** Undefined where a machine has no price, or nobody knows when it ends. */
export function costOfRun({ plan, ledger, prices }: Kept): RunCost | undefined {
  const leases = ledger === undefined ? undefined : billedMachines(ledger);
  if (leases === undefined || prices === undefined) return undefined;
  const market = marketOf(plan.spec);
  const usd = cost_usd(leases, (side, zone) => priceOfSide(prices, side, market, zone)?.usd_per_hour, Infinity);
  if (usd === undefined || !Number.isFinite(usd)) return undefined;
  return { usd, atMost: leases.some(({ until_ms }) => until_ms === undefined) };
}

/** What the run's machines were paid at: each side's price, in the zone where they were. */
export function pricesOfRun({ plan, ledger = [], prices }: Kept): Price[] {
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
