// Rows with `fresh = true`: every trial on a machine launched for it alone. Runs are machines, and there is no warm-up.
//
// Machines come in lots, at most the run's number of machines of each side at once, all sides of a lot in one zone.
// Each is set up, timed once and given back before the next lot is launched; a trial that was cut off is not tried
// again, since its machine is not new any more.

import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { PlannedSuite, Spec } from "../../domain/plan/plan.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";
import type { Side } from "../../domain/plan/side.ts";
import { outlivesRun } from "../../domain/stays.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import {
  prepareMachines,
  allSettledThenAll,
  prepareMachine,
  recordLoss,
  setUpSuite,
  reportSetup,
} from "./prepare-machines.ts";
import type { RunContext } from "../run/run-context.ts";
import { skipIfUnaffordable } from "../run/within-budget.ts";
import { eligibleMachines } from "./eligibility.ts";
import { freshTrialsOf, type FreshTrial } from "../run/trials.ts";

export interface FreshLauncher {
  /** Machines, `count` of each of `sides`, noted as lot `lot`. */
  acquire(sides: readonly Side[], count: number, lot: number): Promise<readonly RunMachine[]>;
  /** Gives back what was launched so far. */
  release(): Promise<void>;
}

/** `suites` with the rows whose machines may have run other trials, and with those whose may not. */
export function splitFreshRows(suites: readonly PlannedSuite[]): Record<"steady" | "fresh", PlannedSuite[]> {
  const withRows = (fresh: boolean): PlannedSuite[] =>
    suites
      .map((suite) => ({ ...suite, rows: suite.rows.filter((row) => (row.fresh === true) === fresh) }))
      .filter(({ rows }) => rows.length > 0);
  return { steady: withRows(false), fresh: withRows(true) };
}

/** Whether a machine can be launched for every trial of every side. */
export function allSidesLaunched(spec: Spec): boolean {
  return !spec.sides.some((side) => outlivesRun(side, spec));
}

/** Measures the fresh rows `suites`, as far as they have no record. */
export async function measureOnFreshMachines(
  errand: RunContext,
  suites: readonly PlannedSuite[],
  launching: FreshLauncher,
): Promise<void> {
  const { course, planned } = errand;
  const { spec } = planned.plan;
  await finishLots(errand, suites, launching);
  const open = suites
    .flatMap((suite) => freshTrialsOf(suite, spec))
    .map((one) => ({ ...one, sides: one.sides.filter(({ name }) => !course.hasOn(name, one.trial)) }));
  for (const wanted of inLots(open, spec.machines)) {
    if (await skipIfUnaffordable(errand, wanted)) continue;
    const lot = course.nextLot;
    try {
      errand.signal.throwIfAborted();
      await measureLot(errand, wanted, await launching.acquire(wanted[0]?.sides ?? [], wanted.length, lot), lot);
    } catch (error) {
      if (errand.signal.aborted || errand.budget?.over !== true) throw error;
      await skipIfUnaffordable(errand, wanted);
    } finally {
      await givenBack(errand, launching);
    }
  }
}

/** What an earlier client of the run had begun on machines that are still there is followed to its end. */
async function finishLots(
  errand: RunContext,
  suites: readonly PlannedSuite[],
  launching: FreshLauncher,
): Promise<void> {
  const { course, sink } = errand;
  if (course.lots.length === 0) return;
  try {
    for (const one of course.lots) {
      const begun = suites.filter(({ name }) => course.unread(one.machine.name, name).length > 0);
      if (begun.length === 0) continue;
      const bench = await prepareMachine(errand, one, { attempts: 1 });
      for (const suite of begun) {
        try {
          await bench.setup(suite, sink);
          await bench.catchUp(suite, sink);
        } catch (error) {
          await recordLoss(errand, suite, bench, error, []);
        }
      }
    }
  } finally {
    await givenBack(errand, launching);
  }
}

async function givenBack({ course, observe }: RunContext, launching: FreshLauncher): Promise<void> {
  await launching.release();
  const machines = course.lots.map(({ machine }) => machine.name);
  for (const machine of machines) await course.note({ kind: "gone", machine, reason: "its trial is over" });
  if (machines.length > 0) observe({ what: "gone", machines });
}

/** `wanted` in lots of at most `most`, each of trials of one suite and for the same sides. */
function inLots(wanted: readonly FreshTrial[], most: number): FreshTrial[][] {
  const groups = new Map<string, FreshTrial[]>();
  for (const one of wanted.filter(({ sides }) => sides.length > 0)) {
    const key = JSON.stringify([one.suite.name, one.sides.map(({ name }) => name)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / most) }, (_, i) => group.slice(i * most, (i + 1) * most)),
  );
}

/** One machine of each side for each of `wanted`: set up together, then timed, those of one host by turns. */
async function measureLot(
  errand: RunContext,
  wanted: readonly FreshTrial[],
  machines: readonly RunMachine[],
  lot: number,
): Promise<void> {
  const suite = wanted[0]?.suite;
  if (suite === undefined) return;
  const taken = new Map<string, number>();
  const nth = new Map<string, number>();
  for (const { machine } of machines) {
    const before = taken.get(machine.side) ?? 0;
    taken.set(machine.side, before + 1);
    nth.set(machine.name, before);
  }
  const meant = ({ machine }: RunMachine): FreshTrial[] => wanted.slice(nth.get(machine.name) ?? 0).slice(0, 1);
  const benches = await prepareMachines(errand, machines, meant, { attempts: 1 });
  const trials = new Map<MachineRunner, Trial>();
  for (const bench of benches) {
    const trial = wanted[nth.get(bench.name) ?? 0]?.trial;
    if (trial !== undefined) trials.set(bench, trial);
  }
  const trialOn = (bench: MachineRunner): Trial[] => [trials.get(bench)].filter((trial) => trial !== undefined);
  for (const bench of benches) await errand.store.facts(bench.agent.machine, bench.facts);
  const able = await eligibleMachines(suite, benches, errand, trialOn);
  const ready = await setUpSuite(errand, suite, able, trialOn);
  for (const bench of ready) await reportSetup(errand, suite, bench);
  const hosts = new Set(ready.map(({ facts }) => facts.host_id));
  await allSettledThenAll(
    [...hosts].map(async (host) => {
      const sharing = ready.filter(({ facts }) => facts.host_id === host);
      for (const bench of shuffled(sharing, seededRandom(`${errand.planned.plan.spec.seed}/${host}/lot/${lot}`)))
        await measureOn(errand, suite, bench, trialOn(bench));
    }),
  );
}

async function measureOn(
  errand: RunContext,
  suite: PlannedSuite,
  bench: MachineRunner,
  trials: readonly Trial[],
): Promise<void> {
  for (const { row, impl, round } of trials) {
    const of = suite.rows.find((one) => one.name === row && one.impl === impl)?.runs ?? round;
    errand.observe({ what: "round", suite: suite.name, round, of, machine: bench.name });
  }
  try {
    await bench.measure(suite, trials, errand.sink);
  } catch (error) {
    await recordLoss(errand, suite, bench, error, trials);
  }
}
