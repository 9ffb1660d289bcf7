// A run that is not run: everything that it would do, looked up and reckoned. Launches nothing, writes nothing.

import type { Plan, Spec } from "../../domain/plan/plan.ts";
import { type Money, reckoned } from "../cost/cost-estimate.ts";
import { type Occasion, plan } from "../plan/make-plan.ts";
import { sharesOf } from "./run.ts";
import { type Ports } from "./run-ports.ts";

export interface Foreseen {
  readonly plan: Plan;
  /** That would be tried, in order; empty where nothing is launched. */
  readonly zones: readonly string[];
  readonly money: Money | undefined;
}

/** @throws TimetrialError as `run` does, for what it would refuse before launching anything; but for a budget that will not do. */
export async function foresee(spec: Spec, occasion: Occasion, ports: Ports, signal: AbortSignal): Promise<Foreseen> {
  const planned = await plan(spec, occasion, ports.suites);
  const zones: string[] = [];
  for (const { provisioner, sides } of sharesOf(planned.plan, ports)) {
    const wish = { plan: planned.plan, sides, signal };
    await provisioner.check(wish);
    zones.push(...((await provisioner.zones?.(wish)) ?? []));
  }
  return { plan: planned.plan, zones, money: await reckoned(planned, ports.purse, signal) };
}
