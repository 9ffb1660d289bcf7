// The budget of a boot run: its cost forecast, computed as for any run, and a check before each launch that the budget covers
// one more machine.

import { type BootPlan, type BootSpec, runPlanOfBoot } from "../../domain/boot/boot.ts";
import { assumedBoot_s } from "../../domain/cost/duration-estimate.ts";
import { refuseOverBudget } from "../../domain/cost/cost-forecast.ts";
import type { BootOrder } from "../../ports/cloud/boot-provisioner.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";
import { StopAfterCurrent } from "./boot-queue.ts";
import { Budget, budgetError } from "../cost/budget.ts";
import {
  fetchPrices,
  type CostEstimate,
  costEstimateFor,
  type PriceInputs,
  type UnpricedSides,
} from "../cost/cost-estimate.ts";

/**
 * From the launch call to the open port and the termination. A guess: images take from 10 s to over a minute. Seconds.
 */
const opens_s = 30;
/** The same for the sandbox's usual machines. */
const sandboxOpens_s = 3;

/** The same for a microVM. */
const microVmOpens_s = 1;

/** Returns roughly how long a boot of `spec` takes. Seconds. */
export function expectedBoot_s({ cloud, ssm, sides }: BootSpec, priceInputs: PriceInputs | undefined): number {
  if (sides.every(({ vm }) => vm !== undefined)) return microVmOpens_s;
  const one_s = cloud === "sandbox" ? sandboxOpens_s : ssm ? assumedBoot_s : opens_s;
  return one_s * (priceInputs?.timeScale ?? 1);
}

/** Returns the time from the first launch to the last open port: a side's other boots follow its first. Seconds. */
export function expectedBootRun_s(spec: BootSpec, one_s: number): number {
  const { sides, boots, parallel } = spec;
  const lots = [sides.length, sides.length * (boots - 1)].map((machines) => Math.ceil(machines / parallel));
  return lots.reduce((sum, lot) => sum + lot * one_s, 0);
}

/**
 * Returns what `plan` will cost; undefined if no machine costs money.
 *
 * @throws TimetrialError REFUSED if the budget cannot be enforced, or is too small
 */
export async function estimateBootCost(
  plan: BootPlan,
  priceInputs: PriceInputs | undefined,
  signal: AbortSignal,
  unpriced: UnpricedSides = new Map(),
): Promise<CostEstimate | undefined> {
  const { spec } = runPlanOfBoot(plan);
  if (priceInputs === undefined) {
    const unpriced = spec.sides.map(({ name }) => name);
    refuseOverBudget(spec, { market: "on-demand", life_h: 0, unpriced }, { schema: 1, prices: [], unknown: [] });
    return undefined;
  }
  const [one_s, { boots }] = [expectedBoot_s(plan.spec, priceInputs), plan.spec];
  const ofEach = (value: number) => Object.fromEntries(spec.sides.map(({ name }) => [name, value]));
  const takes = {
    whole_s: expectedBootRun_s(plan.spec, one_s),
    longest_machine_s: one_s,
    machines_s: ofEach(boots * one_s),
    launched: ofEach(boots),
  };
  const costEstimate = costEstimateFor(
    spec,
    await fetchPrices(spec, priceInputs, signal, unpriced),
    takes,
    priceInputs.timeScale,
  );
  refuseOverBudget(spec, costEstimate.forecast, costEstimate.list, "fewer --boots cost less");
  return costEstimate;
}

/** Decides who may launch. It checks one launch at a time, so that no two machines are paid from the same money. */
export class BootBudget {
  readonly #budget: Budget;
  readonly #usd: number;
  readonly #takes_s: number;
  #turn: Promise<void> = Promise.resolve();

  /** Returns undefined if `order` has no budget. */
  static of(
    order: BootOrder,
    costEstimate: CostEstimate | undefined,
    clock: Clock,
    takes_s: number,
  ): BootBudget | undefined {
    const { spec } = runPlanOfBoot(order.plan);
    if (costEstimate === undefined || spec.budget_usd === undefined) return undefined;
    const { list, least_s, ending_s } = costEstimate;
    const budget = Budget.of({ spec, list, estimates: new Map(), ledger: order.ledger, clock, least_s, ending_s });
    return budget === undefined ? undefined : new BootBudget(budget, spec.budget_usd, takes_s);
  }

  private constructor(budget: Budget, usd: number, takes_s: number) {
    this.#budget = budget;
    this.#usd = usd;
    this.#takes_s = takes_s;
  }

  /** Aborts when the current boots would exceed the budget. */
  get signal(): AbortSignal {
    return this.#budget.signal;
  }

  watch(): Disposable {
    return this.#budget.watch("a boot");
  }

  /**
   * Calls `work` with an order for one more machine of `side`.
   *
   * @throws StopAfterCurrent if the budget does not cover it
   */
  async within<T>(order: BootOrder, side: string, work: (order: BootOrder) => Promise<T>): Promise<T> {
    let endTurn = (): void => {};
    const before = this.#turn;
    this.#turn = new Promise((resolve) => (endTurn = resolve));
    try {
      await before;
      const life_s = await this.#budget.lifeOfOneMore_s(side, this.#takes_s);
      if (life_s === undefined) throw new StopAfterCurrent(budgetError(this.#usd, "one more boot would go over it"));
      const ledger: Ledger = {
        entries: () => order.ledger.entries(),
        write: async (entry) => {
          await order.ledger.write(entry);
          // This machine counts from now on, so the next launch can be checked.
          if (entry.kind === "intent") endTurn();
        },
      };
      return await work({ ...order, life_s, ledger });
    } finally {
      endTurn();
    }
  }
}
