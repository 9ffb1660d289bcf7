// Computes what machines have cost, from the ledger: the time of each from its launch request to its termination, at
// its hourly price.
//
// Only machines are counted: volumes and public addresses are not priced.

import { type LedgerEntry, LedgerState } from "../cloud/ledger.ts";

/** EC2 bills Linux by the second, with a minimum of one minute. Seconds. */
export const minimumBilled_s = 60;

/** One machine that was launched, or may have been. Times in milliseconds since the epoch. */
export interface BilledMachine {
  readonly side: string;
  readonly zone: string;
  readonly from_ms: number;
  /** When it was given back; absent if it was not. */
  readonly until_ms?: number;
  /** When it ends itself at the latest, by the clock of the other times. */
  readonly deadline_ms?: number;
}

/**
 * Returns all machines of `entries`. A launch with an unknown outcome counts as a success. Undefined if an entry has no
 * time: the ledger is older than that field.
 */
export function billedMachines(entries: readonly LedgerEntry[]): BilledMachine[] | undefined {
  if (entries.some(({ at }) => at === undefined)) return undefined;
  const { launches, ended } = LedgerState.of(entries);
  return launches.flatMap(({ intent, ids, isSettled }): BilledMachine[] => {
    const { side, zone, count, deadline, at = "", requested_at = at } = intent;
    const from_ms = Date.parse(at);
    // The deadline is by the cloud's clock, all other times are by this computer's, which may be hours from it.
    const ahead_ms = Date.parse(requested_at) - from_ms;
    const lease: BilledMachine = {
      side,
      zone,
      from_ms,
      ...(deadline === undefined ? {} : { deadline_ms: Date.parse(deadline) - ahead_ms }),
    };
    if (!isSettled) return Array.from({ length: count }, () => lease);
    return ids.map((id) => (ended.has(id) ? { ...lease, until_ms: Date.parse(ended.get(id) ?? "") } : lease));
  });
}

/** Returns whether the machine is billed at `now_ms`. */
export function isBilledAt({ until_ms = Infinity, deadline_ms = Infinity }: BilledMachine, now_ms: number): boolean {
  return now_ms < Math.min(until_ms, deadline_ms);
}

/** Returns a machine's billed time until `now_ms`, at least `least_s`. Seconds. */
export function billed_s(
  { from_ms, until_ms = Infinity, deadline_ms = Infinity }: BilledMachine,
  now_ms: number,
  least_s: number,
): number {
  return Math.max(least_s, (Math.min(now_ms, until_ms, deadline_ms) - from_ms) / 1000);
}

/** Returns the hourly price of a machine of `side` in `zone`, in dollars; undefined if unknown. */
export type HourlyPrice = (side: string, zone: string) => number | undefined;

/** Returns the dollars for all `leases` until `now_ms`; undefined if one of them has no price. */
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
