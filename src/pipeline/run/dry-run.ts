// A dry run: looks up and estimates what a run would do. Launches nothing, writes nothing.

import type { Plan, Spec } from "../../domain/plan/plan.ts";
import { type CostEstimate, estimateCost } from "../cost/cost-estimate.ts";
import { type RunIdentity, makePlan } from "../plan/make-plan.ts";
import { refuseImpossiblePlan, refuseOutlivingMachines } from "../plan/refuse-impossible.ts";
import { sidesByProvisioner, lookUpMachines } from "./run.ts";
import { type RunPorts } from "./run-ports.ts";

/**
 * What a run would do: its plan, the zones that it would try, and what it would cost; `costEstimate` is undefined without
 * price inputs.
 */
export interface DryRun {
  readonly plan: Plan;
  /** Zones that the run would try, in order; empty where nothing is launched. */
  readonly zones: readonly string[];
  readonly costEstimate: CostEstimate | undefined;
  /** What the checks could not look at, and what may go wrong: a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Does what `run` does before a launch: plans, checks the request, looks up prices. Launches and writes nothing.
 *
 * @throws TimetrialError as `run` does, except that a budget that is too small is no error.
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
  identity: RunIdentity,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<DryRun> {
  const planned = await makePlan(spec, identity, ports.suites);
  refuseImpossiblePlan(planned.plan, process.platform);
  const zones: string[] = [];
  const notes: string[] = [];
  for (const { provisioner, sides } of sidesByProvisioner(planned.plan, ports)) {
    const request = { plan: planned.plan, sides, signal };
    await provisioner.check(request);
    zones.push(...((await provisioner.zones?.(request)) ?? []));
    notes.push(...((await provisioner.notes?.(request)) ?? []));
  }
  const lookups = await lookUpMachines(planned.plan, ports, signal);
  const costEstimate = await estimateCost(planned, ports.priceInputs, signal, lookups);
  refuseOutlivingMachines(planned, costEstimate?.forecast.expected);
  return { plan: planned.plan, zones, costEstimate, notes };
}
