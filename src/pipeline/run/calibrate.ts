// `--set NAME=auto`: the least work that every machine's clocks can time well.
//
// The suite offers values, growing. The first is taken where all clocks give microseconds; else the first with which
// the shortest trial lasts 100 steps of the coarsest clock, by one trial of each row.

import { type PlannedSuite, rowsForOs } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { recordLoss, setUpSuite } from "../provision/prepare-machines.ts";
import { type RunContext } from "./run-context.ts";
import { allTrials } from "./trials.ts";

const steps = 100;
const fine_s = 1e-5;

/** A suite as it will be measured, and the benches that are set up for it. */
interface Settled {
  readonly ready: PlannedSuite;
  readonly here: readonly MachineRunner[];
}

/** `suite` set up on `benches`, as far as they can be, its `auto` parameters settled, the same on all; once settled, they stay. */
export async function calibrate(
  errand: RunContext,
  suite: PlannedSuite,
  choices: Readonly<Record<string, readonly string[]>>,
  benches: readonly MachineRunner[],
): Promise<Settled> {
  const { course, observe } = errand;
  const setUp = (one: PlannedSuite, some: readonly MachineRunner[]): Promise<MachineRunner[]> =>
    setUpSuite(errand, one, some, (bench) => allTrials(one, bench));
  const name = Object.keys(suite.params).find((param) => suite.params[param] === "auto" && param in choices);
  const known = name === undefined ? undefined : course.parameter(suite.name, name);
  if (name === undefined || known !== undefined) {
    const ready = name === undefined ? suite : { ...suite, params: { ...suite.params, [name]: known as string } };
    return { ready, here: await setUp(ready, benches) };
  }
  const values = choices[name] ?? [];
  const clock_s = Math.max(...benches.flatMap(({ facts }) => [facts.real_resolution_s, facts.cpu_resolution_s]));

  let here = benches;
  for (const [i, value] of values.entries()) {
    const ready = { ...suite, params: { ...suite.params, [name]: value } };
    here = await setUp(ready, here);
    if (here.length === 0) return { ready: suite, here };
    const fine = clock_s <= fine_s;
    // Start-up is part of a short trial and not of a longer one: how long more work takes is tried, not reckoned.
    if (fine || i === values.length - 1 || (await shortest_s(errand, ready, here)) >= steps * clock_s) {
      const reason = fine ? "all clocks give microseconds" : `the coarsest clock steps by ${clock_s} s`;
      await course.note({ kind: "parameter", suite: suite.name, name, value });
      observe({ what: "parameter", suite: suite.name, name, value, reason });
      return { ready, here };
    }
  }
  return { ready: suite, here };
}

/** The shortest of one trial of each row on each bench; 0 where none completed. Seconds. */
async function shortest_s(errand: RunContext, suite: PlannedSuite, benches: readonly MachineRunner[]): Promise<number> {
  const times: number[] = [];
  const record = async (one: TrialRecord): Promise<void> => {
    if (one.status === "completed") times.push(one.real_s, one.user_s + one.system_s);
  };
  for (const bench of benches) {
    try {
      await bench.measure(suite, oneOfEach(suite, bench), { ...errand.sink, record });
    } catch (error) {
      // The next thing that is asked of it will say what becomes of its trials.
      await recordLoss(errand, suite, bench, error, []);
    }
  }
  return times.length === 0 ? 0 : Math.min(...times);
}

function oneOfEach(suite: PlannedSuite, bench: MachineRunner): Trial[] {
  const rows = rowsForOs(suite, bench.facts.uname);
  return rows.map((row) => ({
    suite: suite.name,
    row: row.name,
    impl: row.impl,
    round: 0,
    attempt: 1,
    limit_s: row.limit_s,
  }));
}
