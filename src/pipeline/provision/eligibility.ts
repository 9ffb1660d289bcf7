// Decides which machines can run which suites, before anything is timed. Where a machine lacks something, the suite's
// trials are skipped there with that reason. They do not count as failed, since nothing went wrong.

import type { Trial } from "../../domain/run/run-log.ts";
import { missingRequirements } from "../../domain/run/requirements.ts";
import { type PlannedSuite } from "../../domain/plan/plan.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { recordSkipped } from "../run/record-skipped.ts";
import type { RunOutputs } from "../run/run-context.ts";
import { allTrials } from "../run/trials.ts";

/** Returns the `runners` whose machines have what `suite` needs. Records the trials of the others as skipped. */
export async function eligibleMachines(
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  outputs: RunOutputs,
  trialsOn: (runner: MachineRunner) => readonly Trial[] = (runner) => allTrials(suite, runner),
): Promise<MachineRunner[]> {
  const able: MachineRunner[] = [];
  for (const runner of runners) {
    const lacks = missingRequirements(suite, runner.facts);
    if (lacks.length === 0) able.push(runner);
    else await skipTrials(runner, suite, trialsOn(runner), `needs: ${lacks.join(", ")}`, outputs);
  }
  return able;
}

/** Records `trials` of `suite` on the runner's machine as skipped for `reason`, and reports it in one event. */
export async function skipTrials(
  runner: MachineRunner,
  suite: PlannedSuite,
  trials: readonly Trial[],
  reason: string,
  { sink, observe }: RunOutputs,
): Promise<void> {
  const { machine } = runner.agent;
  const rows = [...new Set(trials.map(({ row, impl }) => `${row}/${impl}`))];
  observe({ what: "suite-skipped", machine, suite: suite.name, rows, reason });
  const place = { machine, facts: runner.facts, suite };
  await recordSkipped(
    sink,
    trials.map((trial) => ({ trial, reason, place })),
  );
}
