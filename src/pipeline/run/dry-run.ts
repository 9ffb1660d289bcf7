// A run that is not run: everything that it would do, looked up and reckoned. Launches nothing, writes nothing.

import type { Plan, Spec } from "../../domain/plan/plan.ts";
import { type CostEstimate, estimateCost } from "../cost/cost-estimate.ts";
import { type RunIdentity, makePlan } from "../plan/make-plan.ts";
import { refuseHopeless, refuseOutlivingMachines } from "../plan/refuse-hopeless.ts";
import { sidesByProvisioner } from "./run.ts";
import { type RunPorts } from "./run-ports.ts";

export interface DryRun {
  readonly plan: Plan;
  /** That would be tried, in order; empty where nothing is launched. */
  readonly zones: readonly string[];
  readonly money: CostEstimate | undefined;
}

/** @throws TimetrialError as `run` does, for what it would refuse before launching anything; but for a budget that will not do. */
export async function dryRunPlan(
  spec: Spec,
  occasion: RunIdentity,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<DryRun> {
  const planned = await makePlan(spec, occasion, ports.suites);
  refuseHopeless(planned.plan, process.platform);
  const zones: string[] = [];
  for (const { provisioner, sides } of sidesByProvisioner(planned.plan, ports)) {
    const wish = { plan: planned.plan, sides, signal };
    await provisioner.check(wish);
    zones.push(...((await provisioner.zones?.(wish)) ?? []));
  }
  const money = await estimateCost(planned, ports.purse, signal);
  refuseOutlivingMachines(planned, money?.forecast.expected);
  return { plan: planned.plan, zones, money };
}
