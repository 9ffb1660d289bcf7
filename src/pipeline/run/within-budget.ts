import { expectedTrial_s, estimateOfRow } from "../../domain/cost/duration-estimate.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { fileNameOfSide } from "../../domain/plan/side.ts";
import { skippedRecord } from "./build-record.ts";
import type { Bench } from "./machine-runner.ts";
import type { Errand } from "./run-context.ts";
import { allTrials, type Wanted } from "./trials.ts";

/** Does `work` on `suite` as far as the budget goes; what is left of it then is recorded as skipped. */

export async function withinBudget(
  errand: Pick<Errand, "budget" | "signal" | "course" | "sink" | "store" | "faults">,
  suite: PlannedSuite,
  benches: readonly Bench[],
  work: () => Promise<void>,
): Promise<void> {
  const { budget, signal, course, sink, store } = errand;
  if (budget === undefined) return await work();
  try {
    if (!budget.over) await work();
  } catch (error) {
    if (!budget.over || signal.aborted) throw error;
  }
  if (!budget.over) return;
  errand.faults.push(budget.signal.reason);
  for (const bench of benches) {
    const { machine } = bench.agent;
    await store.facts(machine, bench.facts);
    for (const trial of allTrials(suite, bench))
      if (!course.has(machine.name, trial))
        await sink.record(skippedRecord(trial, "budget", { machine, facts: bench.facts, suite }));
  }
}
/** Whether a lot of machines for `wanted` would go over the budget; if so, its trials are recorded as skipped. */

export async function unaffordable(errand: Errand, wanted: readonly Wanted[]): Promise<boolean> {
  const { budget, course, sink, planned, faults } = errand;
  const [first] = wanted;
  if (budget === undefined || first === undefined) return false;
  const said = planned.estimates.get(first.suite.name);
  const one_s = Math.max(
    ...wanted.map(
      ({ suite, trial: { row: name, impl } }) =>
        expectedTrial_s(suite, estimateOfRow(said, { name, impl }), undefined) ?? 0,
    ),
  );
  const names = first.sides.map(({ name }) => name);
  if (!(await budget.refuses(names, wanted.length, one_s))) return false;
  faults.push(budget.signal.reason);
  for (const { suite, trial, sides } of wanted) {
    for (const { name: side } of sides) {
      // The trial's own machine was never launched: it has a name, and nothing else.
      const name = `${fileNameOfSide(side)}-none-${trial.row}-${trial.impl}-${trial.round}`;
      if (!course.hasOn(side, trial))
        await sink.record(
          skippedRecord(trial, "budget", { machine: { name, side }, facts: { host_id: "none" }, suite }),
        );
    }
  }
  return true;
}
/** How long machines that are launched now may live, where the budget says it. @throws TimetrialError BUDGET */

export async function lifeOf({ budget }: Pick<Errand, "budget">): Promise<{ life_s?: number }> {
  return budget === undefined ? {} : { life_s: await budget.life_s() };
}
