// --budget: what the run's machines have cost so far, and the end of it before that is more than was allowed.
//
// A batch that would go over is not begun. One that takes longer than was expected is left: what its machine had already
// told is kept. Should this client die, the machines' own deadline holds the same limit.

import { billed_s, cost_usd, type BilledMachine, billedMachines, isBilledAt } from "../../domain/cost/bill.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { estimateOfRow, expectedTrial_s } from "../../domain/cost/duration-estimate.ts";
import { dollars } from "../../domain/cost/cost-forecast.ts";
import { launchedSides, type PlannedSuite, type Spec } from "../../domain/plan/plan.ts";
import { type PriceList, priceOfSide } from "../../domain/cost/price-list.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";
import type { CostEstimate } from "./cost-estimate.ts";
import type { PreparedPlan } from "../plan/make-plan.ts";

/** How often the clock is looked at, at most and at least. Seconds. */
const looks_s = [0.1, 30] as const;

interface BudgetOptions {
  readonly spec: Spec;
  readonly list: PriceList;
  readonly estimates: PreparedPlan["estimates"];
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** So much of a machine is billed at least. Seconds. */
  readonly least_s: number;
  /** Kept back for the giving back. Seconds. */
  readonly ending_s: number;
}

export class Budget {
  readonly #options: BudgetOptions;
  readonly #usd: number;
  readonly #end = new AbortController();

  /** Undefined where `spec` has no budget. */
  static of(options: BudgetOptions): Budget | undefined {
    const { budget_usd } = options.spec;
    return budget_usd === undefined ? undefined : new Budget(options, budget_usd);
  }

  private constructor(options: BudgetOptions, usd: number) {
    this.#options = options;
    this.#usd = usd;
  }

  /** Aborts when no more may be spent. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get over(): boolean {
    return this.#end.signal.aborted;
  }

  /**
   * What all machines will have cost in `ahead_s` seconds, if those that live do so till then: beyond their deadlines, too,
   * since the run is to end before the machines end it.
   */
  async spent_usd(ahead_s: number = 0): Promise<number> {
    const { clock, least_s } = this.#options;
    const now_ms = clock.now().getTime();
    const leases = (await this.#leases()).map((lease): BilledMachine => {
      const { deadline_ms: _, ...endless } = lease;
      return isBilledAt(lease, now_ms) ? endless : lease;
    });
    // A price that was known when the run began is known now.
    return cost_usd(leases, this.#rate, now_ms + ahead_s * 1000, least_s) ?? Infinity;
  }

  async #leases(): Promise<readonly BilledMachine[]> {
    return billedMachines(await this.#options.ledger.entries()) ?? [];
  }

  /** An hour of all machines that run at once. Dollars. */
  get #atOnce_usd(): number {
    const { spec } = this.#options;
    return launchedSides(spec).reduce((sum, { name }) => sum + spec.machines * (this.#rate(name) ?? 0), 0);
  }

  /** How long machines that are launched now may live. @throws TimetrialError BUDGET where that is no time at all */
  async life_s(): Promise<number> {
    const { spec, least_s } = this.#options;
    const left_s = ((this.#usd - (await this.spent_usd())) / this.#atOnce_usd) * 3600;
    if (left_s <= Math.max(least_s, this.#options.ending_s)) throw this.#ended("no machine can be launched any more");
    return Math.min(spec.max_hours * 3600, left_s);
  }

  /**
   * How long one more machine of `side` may live, which is wanted for `s` seconds; undefined where there is not enough for
   * it beside those that live. Ends nothing. Seconds.
   */
  async lifeOfOneMore_s(side: string, s: number): Promise<number | undefined> {
    const { spec, least_s } = this.#options;
    const left_usd = this.#usd - (await this.spent_usd(s));
    if (this.over || ((this.#rate(side) ?? 0) * Math.max(s, least_s)) / 3600 > left_usd) return undefined;
    return Math.min(spec.max_hours * 3600, Math.max(s, (left_usd / this.#atOnce_usd) * 3600));
  }

  /** Whether `machines` more of each of `sides`, for `s` seconds each, go over it; if so, that is its end. */
  async refuses(sides: readonly string[], machines: number, s: number): Promise<boolean> {
    if (this.over) return true;
    const billed_s = Math.max(s, this.#options.least_s);
    const usd = sides.reduce((sum, side) => sum + (this.#rate(side) ?? 0) * machines * (billed_s / 3600), 0);
    if ((await this.spent_usd()) + usd <= this.#usd) return false;
    this.#ended(`${sides.length * machines} more machines would go over it`);
    return true;
  }

  /** @throws TimetrialError BUDGET where `trials`, on a machine of `vcpus`, would go over it */
  async begin(
    suite: PlannedSuite,
    trials: readonly Trial[],
    vcpus: number,
    expected_s: number | undefined,
  ): Promise<void> {
    if (this.over) throw this.#end.signal.reason;
    const said = this.#options.estimates.get(suite.name);
    const takes_s =
      expected_s ??
      trials.reduce(
        (sum, { row: name, impl }) => sum + (expectedTrial_s(suite, estimateOfRow(said, { name, impl }), vcpus) ?? 0),
        0,
      );
    if ((await this.spent_usd(takes_s + this.#options.ending_s)) <= this.#usd) return;
    throw this.#ended(
      `${trials.length} more ${trials.length === 1 ? "trial" : "trials"}, ${Math.ceil(takes_s)} s, would go over it`,
    );
  }

  /** Watches the clock until it is disposed of. `work`: what may take longer than was expected. */
  watch(work: string = "a batch"): Disposable {
    const stop = new AbortController();
    void this.#watching(work, stop.signal);
    return { [Symbol.dispose]: () => stop.abort() };
  }

  async #watching(work: string, stop: AbortSignal): Promise<void> {
    const { clock, least_s } = this.#options;
    try {
      while (!stop.aborted && !this.over) {
        const at_s = this.#options.ending_s;
        const left_usd = this.#usd - (await this.spent_usd(at_s));
        if (left_usd < 0) throw this.#ended(`${work} took longer than was expected`);
        const now_ms = clock.now().getTime() + at_s * 1000;
        const alive = (await this.#leases()).filter((lease) => isBilledAt(lease, clock.now().getTime()));
        const paying = alive.filter((lease) => billed_s(lease, now_ms, 0) >= least_s);
        const usd_per_s = paying.reduce((sum, { side, zone }) => sum + (this.#rate(side, zone) ?? 0), 0) / 3600;
        const [least, most] = looks_s;
        await clock.sleep(Math.min(most, Math.max(least, usd_per_s === 0 ? 1 : left_usd / usd_per_s)), stop);
      }
    } catch {
      // Nobody waits for it: it was stopped, or it has ended the run, whose own calls say so.
    }
  }

  readonly #rate = (side: string, zone?: string): number | undefined => {
    const { spec, list } = this.#options;
    return priceOfSide(list, side, spec.spot === true ? "spot" : "on-demand", zone)?.usd_per_hour;
  };

  /** Ends it all, and says why. */
  #ended(why: string): TimetrialError {
    if (!this.over) this.#end.abort(budgetError(this.#usd, why));
    return this.#end.signal.reason as TimetrialError;
  }
}

/** What is said where a budget of `usd` dollars ends a run. */
export function budgetError(usd: number, why: string): TimetrialError {
  return new TimetrialError("BUDGET", `the budget of ${dollars(usd)} ends the run: ${why}`, {
    hint: "what was measured till then is kept",
  });
}

/** The budget of the run that `planned` is, if it has one. */
export function createBudget(
  { list, least_s, ending_s }: CostEstimate,
  { plan, estimates }: PreparedPlan,
  ledger: Ledger,
  { clock }: { readonly clock: Clock },
): Budget | undefined {
  return Budget.of({ spec: plan.spec, list, estimates, ledger, clock, least_s, ending_s });
}
