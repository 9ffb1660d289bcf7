// Chooses the value of `--set NAME=auto`: the least work that every machine's clocks can time well.
//
// The suite lists values in growing order. Where all clocks give microseconds, the first is chosen. Else one trial of
// each row is run with each value, until the shortest lasts 100 steps of the coarsest clock.

import { type PlannedSuite, rowsForOs } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { type LossContext, recordLoss, setUpSuite } from "../provision/prepare-machines.ts";
import type { RunContext } from "./run-context.ts";
import { allTrials } from "./trials.ts";

const steps = 100;
const fine_s = 1e-5;

/** A suite with its `auto` parameters replaced, and the runners that it is set up on. */
interface CalibratedSuite {
  readonly ready: PlannedSuite;
  readonly here: readonly MachineRunner[];
}

/**
 * Sets `suite` up on `runners`, and chooses one value for its `auto` parameter, for all of them and for the whole run.
 */
export async function calibrate(
  context: LossContext & Pick<RunContext, "observe">,
  suite: PlannedSuite,
  choices: Readonly<Record<string, readonly string[]>>,
  runners: readonly MachineRunner[],
): Promise<CalibratedSuite> {
  const { state, observe } = context;
  const setUp = (one: PlannedSuite, some: readonly MachineRunner[]): Promise<MachineRunner[]> =>
    setUpSuite(context, one, some, (runner) => allTrials(one, runner));
  const name = Object.keys(suite.params).find((param) => suite.params[param] === "auto" && param in choices);
  const known = name === undefined ? undefined : state.parameter(suite.name, name);
  if (name === undefined || known !== undefined) {
    const ready = name === undefined ? suite : { ...suite, params: { ...suite.params, [name]: known as string } };
    return { ready, here: await setUp(ready, runners) };
  }
  const values = choices[name] ?? [];
  const clock_s = Math.max(...runners.flatMap(({ facts }) => [facts.real_resolution_s, facts.cpu_resolution_s]));

  let here = runners;
  for (const [i, value] of values.entries()) {
    const ready = { ...suite, params: { ...suite.params, [name]: value } };
    here = await setUp(ready, here);
    if (here.length === 0) return { ready: suite, here };
    const fine = clock_s <= fine_s;
    // The time of more work is measured, not extrapolated: start-up is a larger part of a short trial than of a long
    // one.
    if (fine || i === values.length - 1 || (await shortest_s(context, ready, here)) >= steps * clock_s) {
      const reason = fine ? "all clocks give microseconds" : `the coarsest clock steps by ${clock_s} s`;
      await state.note({ kind: "parameter", suite: suite.name, name, value });
      observe({ what: "parameter", suite: suite.name, name, value, reason });
      return { ready, here };
    }
  }
  return { ready: suite, here };
}

/** Runs one trial of each row on each runner, and returns the shortest time; 0 where none completed. Seconds. */
async function shortest_s(
  context: LossContext & Pick<RunContext, "observe">,
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
): Promise<number> {
  const times: number[] = [];
  const record = async (one: TrialRecord): Promise<void> => {
    if (one.status === "completed") times.push(one.real_s, one.user_s + one.system_s);
  };
  for (const runner of runners) {
    const { name } = runner;
    context.observe({ what: "doing", machine: name, text: `choosing how much work a trial of ${suite.name} does` });
    try {
      await runner.measure(suite, oneOfEach(suite, runner), { ...context.sink, record });
    } catch (error) {
      // The next call to the machine decides what happens to its trials.
      await recordLoss(context, suite, runner, error, []);
    }
  }
  return times.length === 0 ? 0 : Math.min(...times);
}

function oneOfEach(suite: PlannedSuite, runner: MachineRunner): Trial[] {
  const rows = rowsForOs(suite, runner.facts.uname);
  return rows.map((row) => ({
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    round: 0,
    attempt: 1,
    limit_s: row.limit_s,
  }));
}
