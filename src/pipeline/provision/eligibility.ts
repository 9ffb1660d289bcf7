// Decides which machines can run which suites, before anything is timed. Where a machine lacks something, the suite's
// trials are skipped there with that reason. They do not count as failed, since nothing went wrong.

import type { Trial } from "../../domain/run/run-log.ts";
import { missingRequirements } from "../../domain/run/requirements.ts";
import { osOfImage } from "../../domain/plan/image.ts";
import { type PlannedSuite, rowsForOs } from "../../domain/plan/plan.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { recordSkipped } from "../run/record-skipped.ts";
import type { RunContext, RunOutputs } from "../run/run-context.ts";
import { allTrials, range } from "../run/trials.ts";

/** Returns the `runners` whose machines have what `suite` needs. Records the trials of the others as skipped. */
export async function eligibleMachines(
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  outputs: RunOutputs & Pick<RunContext, "planned">,
  trialsOn: (runner: MachineRunner) => readonly Trial[] = (runner) => allTrials(suite, runner),
): Promise<MachineRunner[]> {
  const able: MachineRunner[] = [];
  for (const runner of runners) {
    const lacks = missingRequirements(suite, runner.facts);
    if (lacks.length === 0) {
      able.push(runner);
      await skipOtherSystem(suite, runner, outputs);
    } else await skipTrials(runner, suite, trialsOn(runner), `needs: ${lacks.join(", ")}`, outputs);
  }
  return able;
}

/**
 * Records the rows of `suite` that the side's image is for, and its machine is not: those of the sandbox are this
 * computer, whatever image is named.
 */
async function skipOtherSystem(
  suite: PlannedSuite,
  runner: MachineRunner,
  outputs: RunOutputs & Pick<RunContext, "planned">,
): Promise<void> {
  const { sides, cloud, until } = outputs.planned.plan.spec;
  const side = sides.find(({ name }) => name === runner.agent.machine.side);
  const os = side?.kind === "ec2" && cloud === "sandbox" ? osOfImage(side.image) : undefined;
  if (os === undefined || os === runner.facts.uname.toLowerCase()) return;
  const here = new Set(rowsForOs(suite, runner.facts.uname));
  const rows = suite.rows.filter((row) => !here.has(row) && row.os.includes(os));
  const trials = rows.flatMap(
    ({ name: row, impl, runs, warmup, limit_s }) =>
    range(1, until === undefined ? runs : warmup + 1).map((round) => ({ suite: suite.name, row, impl, round, attempt: 1, limit_s })), // prettier-ignore
  );
  const open = trials.filter((trial) => !runner.has(trial));
  if (open.length > 0) await skipTrials(runner, suite, open, `it runs on ${os} only`, outputs);
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
