// What a run may leave in an account: a machine, a volume, a request for spot machines. And whose it is, what it has
// cost, and whether it should be there still.

/** Something that a run left in an account. Dates are UTC. */
export interface Leftover {
  readonly kind: "instance" | "volume" | "spot-request";
  readonly id: string;
  /** As the cloud says it: `running`, `available`, `open`. */
  readonly state: string;
  /** The instance type, where it has or asks for one. */
  readonly type?: string;
  readonly market: "on-demand" | "spot";
  /** The zone that it is in; absent where nobody says. */
  readonly zone?: string;
  readonly run: string;
  /** USER@HOST; absent where no tag says it. */
  readonly owner?: string;
  /** Absent where no tag says it, or none that is a time. */
  readonly deadline?: Date;
  /** When it came to be. */
  readonly since?: Date;
}

/** What an hour of a type costs, as somebody says it. */
export interface TypePrice {
  readonly type: string;
  readonly market: Leftover["market"];
  readonly usd_per_hour: number;
  /** Where it is so; absent where it is the same in all zones. */
  readonly zone?: string;
}

/** The first of `prices` that is of the leftover's type, market and zone. */
export function priceOfLeftover(one: Leftover, prices: readonly TypePrice[]): TypePrice | undefined {
  return prices.find(
    ({ type, market, zone }) => type === one.type && market === one.market && (zone === undefined || zone === one.zone),
  );
}

/** What is to be done with a leftover. */
export type SweepAction =
  /** It has its deadline ahead, or is nobody's of this sweep. */
  | "stays"
  /** It is to be ended now. */
  | "end"
  /** It should be ended, and whoever sweeps must say so first: it is another's. */
  | "ask"
  /** Nothing says when it should end. */
  | "no deadline";

export interface SweepScope {
  readonly owner: string;
  /** All of this run, whatever its deadline. */
  readonly run?: string;
  readonly now: Date;
}

/** What is to become of `one`. */
export function sweepActionFor(one: Leftover, { owner, run, now }: SweepScope): SweepAction {
  if (run !== undefined && one.run !== run) return "stays";
  if (run === undefined) {
    if (one.deadline === undefined) return "no deadline";
    if (one.deadline > now) return "stays";
  }
  return one.owner === owner ? "end" : "ask";
}

/** Seconds since it came to be; undefined where nobody says when. */
export function ageOfLeftover_s({ since }: Leftover, now: Date): number | undefined {
  return since === undefined ? undefined : Math.max(0, (now.getTime() - since.getTime()) / 1000);
}

/**
 * Dollars that it has cost so far, by the hours since its launch and the price of today; undefined where no price of it is known, or where it
 * was not running all that time.
 */
export function costOfLeftover_usd(one: Leftover, prices: readonly TypePrice[], now: Date): number | undefined {
  if (one.kind !== "instance" || ["stopping", "stopped"].includes(one.state)) return undefined;
  const price = priceOfLeftover(one, prices);
  const age_s = ageOfLeftover_s(one, now);
  if (price === undefined || age_s === undefined) return undefined;
  // EC2 bills by the second, and at least a minute.
  return (Math.max(60, age_s) / 3600) * price.usd_per_hour;
}
