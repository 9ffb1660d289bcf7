// Enforces --budget: tracks what the run's machines have cost so far, and ends the run before it costs more.
//
// A batch that would exceed the budget is not started. A batch that takes longer than expected is abandoned: the
// records that its machine had already sent are kept. If this client dies, the machines' own deadline enforces the same
// limit.

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

/** The shortest and the longest interval between two checks. Seconds. */
const looks_s = [0.1, 30] as const;

interface BudgetOptions {
  readonly spec: Spec;
  readonly list: PriceList;
  readonly estimates: PreparedPlan["estimates"];
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** The minimum billed time of a machine. Seconds. */
  readonly least_s: number;
  /** The time that is reserved for terminating the machines. Seconds. */
  readonly ending_s: number;
}

export class Budget {
  readonly #options: BudgetOptions;
  readonly #usd: number;
  readonly #end = new AbortController();

  /** Returns undefined if `spec` has no budget. */
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
   * Returns the cost of all machines in `ahead_s` seconds, if the live ones live until then. It ignores their
   * deadlines, since the run must end before the machines end themselves. Dollars.
   */
  async spent_usd(ahead_s: number = 0): Promise<number> {
    const { clock, least_s } = this.#options;
    const now_ms = clock.now().getTime();
    const leases = (await this.#leases()).map((lease): BilledMachine => {
      const { deadline_ms: _, ...endless } = lease;
      return isBilledAt(lease, now_ms) ? endless : lease;
    });
    // Every price was known when the run began, so none is missing now.
    return cost_usd(leases, this.#rate, now_ms + ahead_s * 1000, least_s) ?? Infinity;
  }

  async #leases(): Promise<readonly BilledMachine[]> {
    return billedMachines(await this.#options.ledger.entries()) ?? [];
  }

  /** The cost of one hour of all machines that run at once. Dollars. */
  get #atOnce_usd(): number {
    const { spec } = this.#options;
    return launchedSides(spec).reduce((sum, { name }) => sum + spec.machines * (this.#rate(name) ?? 0), 0);
  }

  /**
   * Returns how long machines that are launched now may live. Seconds.
   *
   * @throws TimetrialError BUDGET if no usable time is left
   */
  async life_s(): Promise<number> {
    const { spec, least_s } = this.#options;
    const left_s = ((this.#usd - (await this.spent_usd())) / this.#atOnce_usd) * 3600;
    if (left_s <= Math.max(least_s, this.#options.ending_s)) throw this.#ended("no machine can be launched any more");
    return Math.min(spec.max_hours * 3600, left_s);
  }

  /**
   * Ends the run where all its machines have ended themselves, or are about to, and the budget pays for no other. Returns
   * whether the run is over.
   */
  async hasRunOut(): Promise<boolean> {
    const { clock, ending_s } = this.#options;
    const soon_ms = clock.now().getTime() + ending_s * 1000;
    const leases = await this.#leases();
    if (leases.length > 0 && !leases.some((lease) => isBilledAt(lease, soon_ms)))
      await this.life_s().catch(() => undefined);
    return this.over;
  }

  /**
   * Returns how long one more machine of `side` may live, if it is needed for `s` seconds. Undefined if the budget does
   * not cover it beside the live machines. Does not end the run. Seconds.
   */
  async lifeOfOneMore_s(side: string, s: number): Promise<number | undefined> {
    const { spec, least_s } = this.#options;
    const left_usd = this.#usd - (await this.spent_usd(s));
    if (this.over || ((this.#rate(side) ?? 0) * Math.max(s, least_s)) / 3600 > left_usd) return undefined;
    return Math.min(spec.max_hours * 3600, Math.max(s, (left_usd / this.#atOnce_usd) * 3600));
  }

  /**
   * Returns whether `machines` more of each of `sides`, for `s` seconds each, would exceed the budget. If so, it ends
   * the run.
   */
  async refuses(sides: readonly string[], machines: number, s: number): Promise<boolean> {
    if (this.over) return true;
    const billed_s = Math.max(s, this.#options.least_s);
    const usd = sides.reduce((sum, side) => sum + (this.#rate(side) ?? 0) * machines * (billed_s / 3600), 0);
    if ((await this.spent_usd()) + usd <= this.#usd) return false;
    this.#ended(`${sides.length * machines} more machines would go over it`);
    return true;
  }

  /** Returns whether the budget covers all machines for `s` more seconds. Does not end the run. */
  async covers(s: number): Promise<boolean> {
    return !this.over && (await this.spent_usd(s + this.#options.ending_s)) <= this.#usd;
  }

  /**
   * Checks a batch before it starts, and ends the run if the budget does not cover it.
   *
   * @throws TimetrialError BUDGET if `trials`, on a machine with `vcpus`, would exceed the budget
   */
  async begin(
    suite: PlannedSuite,
    trials: readonly Trial[],
    vcpus: number,
    expected_s: number | undefined,
  ): Promise<void> {
    if (this.over) throw this.#end.signal.reason;
    const estimate = this.#options.estimates.get(suite.name);
    const takes_s =
      expected_s ??
      trials.reduce(
        (sum, { row: name, impl }) =>
          sum + (expectedTrial_s(suite, estimateOfRow(estimate, { name, impl }), vcpus) ?? 0),
        0,
      );
    if ((await this.spent_usd(takes_s + this.#options.ending_s)) <= this.#usd) return;
    throw this.#ended(
      `${trials.length} more ${trials.length === 1 ? "trial" : "trials"}, ${Math.ceil(takes_s)} s, would go over it`,
    );
  }

  /** Returns how long the budget still pays for all live machines, the time to terminate them aside. Seconds. */
  async affordable_s(): Promise<number> {
    const { clock, ending_s } = this.#options;
    const left_usd = this.#usd - (await this.spent_usd(ending_s));
    const alive = (await this.#leases()).filter((lease) => isBilledAt(lease, clock.now().getTime()));
    const usd_per_s = alive.reduce((sum, { side, zone }) => sum + (this.#rate(side, zone) ?? 0), 0) / 3600;
    return usd_per_s === 0 ? Number.POSITIVE_INFINITY : Math.max(0, left_usd / usd_per_s);
  }

  /**
   * Checks the budget repeatedly until it is disposed of. `work`: names in the error what took longer than expected.
   */
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
      // Nobody awaits this promise: either it was stopped, or it has ended the run, and the run's own calls report
      // that.
    }
  }

  readonly #rate = (side: string, zone?: string): number | undefined => {
    const { spec, list } = this.#options;
    return priceOfSide(list, side, spec.spot === true ? "spot" : "on-demand", zone)?.usd_per_hour;
  };

  /** Ends the run and returns the error that says why. */
  #ended(why: string): TimetrialError {
    if (!this.over) this.#end.abort(budgetError(this.#usd, why));
    return this.#end.signal.reason as TimetrialError;
  }
}

/** Returns the error for a run that its budget of `usd` dollars ends. */
export function budgetError(usd: number, why: string): TimetrialError {
  return new TimetrialError("BUDGET", `the budget of ${dollars(usd)} ends the run: ${why}`, {
    hint: "what was measured till then is kept",
  });
}

/** Returns the budget of the run `planned`; undefined if it has none. */
export function createBudget(
  { list, least_s, ending_s }: CostEstimate,
  { plan, estimates }: PreparedPlan,
  ledger: Ledger,
  { clock }: { readonly clock: Clock },
): Budget | undefined {
  return Budget.of({ spec: plan.spec, list, estimates, ledger, clock, least_s, ending_s });
}
