// Measures as far as the budget allows, and records the rest as skipped.

import { expectedTrial_s, estimateOfRow } from "../../domain/cost/duration-estimate.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import { budgetUnpaid } from "../../domain/run/trial-record.ts";
import { recordOfSkipped } from "../machine/build-record.ts";
import { recordSkipped } from "./record-skipped.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RunContext } from "./run-context.ts";
import { allTrials, type FreshTrial } from "./trials.ts";

/** Does `work` on `suite` until the budget is spent. Records the trials that are left as skipped. */
export async function withinBudget(
  context: Pick<RunContext, "budget" | "signal" | "state" | "sink" | "store" | "faults">,
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  work: () => Promise<void>,
): Promise<void> {
  const { budget, signal, state, sink, store } = context;
  if (budget === undefined) return await work();
  try {
    if (!budget.over) await work();
  } catch (error) {
    if (!budget.over || signal.aborted) throw error;
  }
  if (!budget.over) return;
  context.faults.push(budget.signal.reason);
  for (const runner of runners) {
    const { machine } = runner.agent;
    await store.facts(machine, runner.facts);
    const location = { machine, facts: runner.facts, suite };
    const skipped = allTrials(suite, runner)
      .filter((one) => !state.has(machine.name, one))
      .map((trial) => ({ trial, reason: state.budgetReason(machine.name, trial), place: location }));
    await recordSkipped(sink, skipped, signal);
  }
}

/** Returns whether a lot of machines for `wanted` would exceed the budget. If so, records its trials as skipped. */
export async function skipIfUnaffordable(
  context: Pick<RunContext, "budget" | "state" | "sink" | "planned" | "faults">,
  wanted: readonly FreshTrial[],
): Promise<boolean> {
  const { budget, state, sink, planned, faults } = context;
  const [first] = wanted;
  if (budget === undefined || first === undefined) return false;
  const estimate = planned.estimates.get(first.suite.name);
  const one_s = Math.max(
    ...wanted.map(
      ({ suite, trial: { row: name, impl } }) =>
        expectedTrial_s(suite, estimateOfRow(estimate, { name, impl }), undefined) ?? 0,
    ),
  );
  const names = first.sides.map(({ name }) => name);
  if (!(await budget.refuses(names, wanted.length, one_s))) return false;
  faults.push(budget.signal.reason);
  for (const { suite, trial, sides } of wanted) {
    for (const { name: side } of sides) {
      // The trial's machine was never launched: it has a name, and nothing else.
      const name = `${fileNameOfSide(side)}-none-${trial.row}-${trial.impl}-${trial.round}`;
      if (!state.hasOn(side, trial))
        await sink.record(
          recordOfSkipped(trial, budgetUnpaid, { machine: { name, side }, facts: { host_id: "none" }, suite }),
        );
    }
  }
  return true;
}

/**
 * Returns how long machines that are launched now may live, where a budget limits it. Seconds.
 *
 * @throws TimetrialError BUDGET
 */
export async function lifetimeWithinBudget({ budget }: Pick<RunContext, "budget">): Promise<{ life_s?: number }> {
  return budget === undefined ? {} : { life_s: await budget.life_s() };
}
