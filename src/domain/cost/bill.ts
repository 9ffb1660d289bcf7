// What machines have cost, from the ledger: their time from the asking to the giving back, at an hour's price each.
//
// Of the machines alone: their volumes and public addresses are not priced.

import { type LedgerEntry, LedgerState } from "../cloud/ledger.ts";

/** EC2 bills Linux by the second, and a minute at least. Seconds. */
export const minimumBilled_s = 60;

/** One machine that was launched, or may have been. Instants in milliseconds since the epoch. */
export interface BilledMachine {
  readonly side: string;
  readonly zone: string;
  readonly from_ms: number;
  /** It was given back then; absent where it was not. */
  readonly until_ms?: number;
  /** It ends itself then at the latest. */
  readonly deadline_ms?: number;
}

/**
 * All machines of `entries`. A launch whose outcome is not known counts as if it had succeeded. Undefined where an entry
 * does not say when it was made: a ledger of before that was kept.
 */
export function billedMachines(entries: readonly LedgerEntry[]): BilledMachine[] | undefined {
  if (entries.some(({ at }) => at === undefined)) return undefined;
  const { launches, ended } = LedgerState.of(entries);
  return launches.flatMap(({ intent, ids, isSettled }): BilledMachine[] => {
    const { side, zone, count, deadline } = intent;
    const lease: BilledMachine = {
      side,
      zone,
      from_ms: Date.parse(intent.at ?? ""),
      ...(deadline === undefined ? {} : { deadline_ms: Date.parse(deadline) }),
    };
    if (!isSettled) return Array.from({ length: count }, () => lease);
    return ids.map((id) => (ended.has(id) ? { ...lease, until_ms: Date.parse(ended.get(id) ?? "") } : lease));
  });
}

/** Whether the machine is paid for at `now_ms`. */
export function isBilledAt({ until_ms = Infinity, deadline_ms = Infinity }: BilledMachine, now_ms: number): boolean {
  return now_ms < Math.min(until_ms, deadline_ms);
}

/** What is paid for `lease` till `now_ms`, with at least `least_s` begun. Seconds. */
export function billed_s(
  { from_ms, until_ms = Infinity, deadline_ms = Infinity }: BilledMachine,
  now_ms: number,
  least_s: number,
): number {
  return Math.max(least_s, (Math.min(now_ms, until_ms, deadline_ms) - from_ms) / 1000);
}

/** An hour's price of a machine of `side` in `zone`, in dollars; undefined where nobody knows. */
export type HourlyPrice = (side: string, zone: string) => number | undefined;

/** Dollars for all `leases` till `now_ms`; undefined where one of them has no price. */
export function cost_usd(
  leases: readonly BilledMachine[],
  rate: HourlyPrice,
  now_ms: number,
  least_s: number = minimumBilled_s,
): number | undefined {
  let usd = 0;
  for (const lease of leases) {
    const price = rate(lease.side, lease.zone);
    if (price === undefined) return undefined;
    usd += (billed_s(lease, now_ms, least_s) / 3600) * price;
  }
  return usd;
}
