// A run that is not run: everything that it would do, looked up and reckoned. Launches nothing, writes nothing.

import type { Plan, Spec } from "../../domain/plan/plan.ts";
import { type CostEstimate, estimateCost } from "../cost/cost-estimate.ts";
import { type RunIdentity, makePlan } from "../plan/make-plan.ts";
import { refuseHopeless, refuseOutlivingMachines } from "../plan/refuse-hopeless.ts";
import { sidesByProvisioner, unpricedSides } from "./run.ts";
import { type RunPorts } from "./run-ports.ts";

/**
 * What a run would do: its plan, the zones that it would try, and what it would cost; `money` is undefined without
 * price inputs.
 */
export interface DryRun {
  readonly plan: Plan;
  /** That would be tried, in order; empty where nothing is launched. */
  readonly zones: readonly string[];
  readonly money: CostEstimate | undefined;
  /** What could not be looked at, or may go wrong: a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Does all of `run` that comes before a launch: plans, checks what cannot be had, asks for prices. Launches and writes
 * nothing.
 *
 * @throws TimetrialError as `run` does, except that a budget which will not do is no error.
 * @example
 * import { dryRunPlan, type RunPorts, type Spec } from "timetrial";
 *
 * export async function zonesFor(spec: Spec, ports: RunPorts): Promise<readonly string[]> {
 *   const identity = { run: "dry-run", tool_version: "0.1.0", created_at: new Date().toISOString() };
 *   return (await dryRunPlan(spec, identity, ports, new AbortController().signal)).zones;
 * }
 */
export async function dryRunPlan(
  spec: Spec,
  occasion: RunIdentity,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<DryRun> {
  const planned = await makePlan(spec, occasion, ports.suites);
  refuseHopeless(planned.plan, process.platform);
  const zones: string[] = [];
  const notes: string[] = [];
  for (const { provisioner, sides } of sidesByProvisioner(planned.plan, ports)) {
    const wish = { plan: planned.plan, sides, signal };
    await provisioner.check(wish);
    zones.push(...((await provisioner.zones?.(wish)) ?? []));
    notes.push(...((await provisioner.notes?.(wish)) ?? []));
  }
  const money = await estimateCost(planned, ports.purse, signal, {
    unpriced: await unpricedSides(planned.plan, ports, signal),
  });
  refuseOutlivingMachines(planned, money?.forecast.expected);
  return { plan: planned.plan, zones, money, notes };
}
