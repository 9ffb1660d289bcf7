// What a run may leave in an account: an instance, a volume, a spot request. Also its owner, its cost, and whether it
// should still exist.

/** Something that a run left in an account. Dates are UTC. */
export interface Leftover {
  readonly kind: "instance" | "volume" | "spot-request";
  readonly id: string;
  /** The cloud's word for its state: `running`, `available`, `open`. */
  readonly state: string;
  /** The instance type that it has or requests, if any. */
  readonly type?: string;
  readonly market: "on-demand" | "spot";
  /** Its zone; absent if unknown. */
  readonly zone?: string;
  readonly run: string;
  /** USER@HOST; absent if it has no owner tag. */
  readonly owner?: string;
  /** Absent if it has no deadline tag, or one that is not a time. */
  readonly deadline?: Date;
  /** The time of its creation. */
  readonly since?: Date;
}

/** The price of one hour of a type, from some source. */
export interface TypePrice {
  readonly type: string;
  readonly market: Leftover["market"];
  readonly usd_per_hour: number;
  /** The zone of the price; absent if the price is the same in all zones. */
  readonly zone?: string;
}

/** Returns the first of `prices` with the leftover's type, market and zone. */
export function priceOfLeftover(leftover: Leftover, prices: readonly TypePrice[]): TypePrice | undefined {
  return prices.find(
    ({ type, market, zone }) =>
      type === leftover.type && market === leftover.market && (zone === undefined || zone === leftover.zone),
  );
}

/** What to do with a leftover. */
export type SweepAction =
  /** Its deadline is ahead, or this sweep has nothing to do with it. */
  | "stays"
  /** End it now. */
  | "end"
  /** It should be ended, but it belongs to another owner: the user must agree first. */
  | "ask"
  /** It has no deadline. */
  | "no deadline";

export interface SweepScope {
  readonly owner: string;
  /** Only leftovers of this run, whatever their deadlines. */
  readonly run?: string;
  readonly now: Date;
}

/** Returns what to do with `leftover`. */
export function sweepActionFor(leftover: Leftover, { owner, run, now }: SweepScope): SweepAction {
  if (run !== undefined && leftover.run !== run) return "stays";
  if (run === undefined) {
    if (leftover.deadline === undefined) return "no deadline";
    if (leftover.deadline > now) return "stays";
  }
  return leftover.owner === owner ? "end" : "ask";
}

/** Returns the seconds since its creation; undefined if that time is unknown. */
export function ageOfLeftover_s({ since }: Leftover, now: Date): number | undefined {
  return since === undefined ? undefined : Math.max(0, (now.getTime() - since.getTime()) / 1000);
}

/**
 * Returns the dollars that it has cost so far: the hours since its launch at today's price. Undefined if its price is
 * unknown, or it was not running all that time.
 */
export function costOfLeftover_usd(leftover: Leftover, prices: readonly TypePrice[], now: Date): number | undefined {
  if (leftover.kind !== "instance" || ["stopping", "stopped"].includes(leftover.state)) return undefined;
  const price = priceOfLeftover(leftover, prices);
  const age_s = ageOfLeftover_s(leftover, now);
  if (price === undefined || age_s === undefined) return undefined;
  // EC2 bills by the second, with a minimum of one minute.
  return (Math.max(60, age_s) / 3600) * price.usd_per_hour;
}
