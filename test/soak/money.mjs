// What a run of the soak may spend, and what it did spend: by its ledger's seconds, reckoned apart from the product.

/** A dollar a second of a machine: seconds are what a run takes. */
const dear_usd_per_hour = 3600;
/** EC2's least of a minute, in this sandbox's time. Seconds. */
const least_s = 60 * 0.02;
/** What a run costs at the least, a machine: below, it would be refused before anything is launched. Seconds. */
const floor_s = 4;

/** Faults that keep a client from giving back what it no longer wants. */
const delaying = new Set(["throttle", "http5xx", "drop", "hang", "slow", "consistency", "no-names"]);

/** What `plan` may spend, and what a machine of either type costs an hour, in USD. `bites`: whether it may end the run. */
export function spendingOf({ part, machines }, usual_s) {
  if (part === undefined) return { usd: 5, usd_per_hour: 0.36, bites: false };
  const usd = Math.max(floor_s, part * usual_s) * 2 * machines;
  return { usd: Number(usd.toFixed(2)), usd_per_hour: dear_usd_per_hour, bites: true };
}

/**
 * A machine is counted to its deadline at most where nobody could watch it (a client was SIGKILLed) or give it back (the
 * cloud did not answer), and where it was found gone: there the budget is held by the machines themselves.
 */
export function overspent(run, spending, { plan, clients }) {
  const unwatched =
    clients.some(({ signal }) => signal === "SIGKILL") || plan.faults.some((name) => delaying.has(name));
  // Deadlines are told by the cloud's clock.
  const skew_s = Number(/clock-skew=(-?\d+)/.exec(plan.spec)?.[1] ?? 0);
  const seconds = run.leases.reduce((sum, { from_s, until_s, deadline_s, self_ended }) => {
    const end_s = unwatched || self_ended ? Math.min(until_s, deadline_s - skew_s) : until_s;
    return sum + Math.max(least_s, end_s - from_s);
  }, 0);
  const usd = (seconds / 3600) * spending.usd_per_hour;
  return usd > spending.usd ? [`${usd.toFixed(2)} USD of ${spending.usd}${unwatched ? ", to the deadlines" : ""}`] : [];
}
