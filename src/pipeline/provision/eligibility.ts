// Which machines can run which suites. A machine that lacks something is told so before anything is timed, and the
// suite's trials are skipped there with that reason: not failed, since nothing went wrong.

import type { Trial } from "../../domain/run/run-log.ts";
import { missingRequirements } from "../../domain/run/requirements.ts";
import { type PlannedSuite } from "../../domain/plan/plan.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { recordOfSkipped } from "../machine/build-record.ts";
import type { RunOutputs } from "../run/run-context.ts";
import { allTrials } from "../run/trials.ts";

/** The `benches` that have what `suite` needs. The others are told, and their trials are recorded as skipped. */
export async function eligibleMachines(
  suite: PlannedSuite,
  benches: readonly MachineRunner[],
  telling: RunOutputs,
  trialsOn: (bench: MachineRunner) => readonly Trial[] = (bench) => allTrials(suite, bench),
): Promise<MachineRunner[]> {
  const able: MachineRunner[] = [];
  for (const bench of benches) {
    const lacks = missingRequirements(suite, bench.facts);
    if (lacks.length === 0) able.push(bench);
    else await skipTrials(bench, suite, trialsOn(bench), `needs: ${lacks.join(", ")}`, telling);
  }
  return able;
}

/** Records `trials` of `suite` on `bench` as skipped for `reason`, and tells of it once. */
export async function skipTrials(
  bench: MachineRunner,
  suite: PlannedSuite,
  trials: readonly Trial[],
  reason: string,
  { sink, observe }: RunOutputs,
): Promise<void> {
  const { machine } = bench.agent;
  const rows = [...new Set(trials.map(({ row, impl }) => `${row}/${impl}`))];
  observe({ what: "suite-skipped", machine, suite: suite.name, rows, reason });
  for (const trial of trials) await sink.record(recordOfSkipped(trial, reason, { machine, facts: bench.facts, suite }));
}
