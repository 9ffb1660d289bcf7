// Measures rows with `fresh = true`: each trial runs on a machine that is launched for it alone, without warm-up.
//
// Machines are launched in lots, of at most the run's number of machines a side, with all sides of a lot in one zone.
// The machines of a lot are set up, timed once and given back before the next lot is launched. A trial that was cut off
// is not tried again, since its machine is not new any more.

import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { PlannedSuite, Spec } from "../../domain/plan/plan.ts";
import { lotsOf } from "../../domain/lots.ts";
import { seededRandom, shuffled } from "../../domain/random.ts";
import type { Side } from "../../domain/plan/side.ts";
import { outlivesRun } from "../../domain/stays.ts";
import { allSettledThenAll } from "../all-settled.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import { prepareMachines, prepareMachine, recordLoss, setUpSuite, reportSetup } from "./prepare-machines.ts";
import type { RunContext } from "../run/run-context.ts";
import { skipIfUnaffordable } from "../run/within-budget.ts";
import { eligibleMachines } from "./eligibility.ts";
import { freshTrialsOf, type FreshTrial } from "../run/trials.ts";

export interface FreshLauncher {
  /** Launches `count` machines of each of `sides`, and logs them as lot `lot`. */
  acquire(sides: readonly Side[], count: number, lot: number): Promise<readonly RunMachine[]>;
  /** Gives back all machines that were launched so far. */
  release(): Promise<void>;
}

/**
 * Splits the rows of `suites`: `fresh` rows need a new machine for each trial, `steady` rows do not. No machine is
 * launched for rows that the sandbox must not run.
 */
export function splitFreshRows(suites: readonly PlannedSuite[]): Record<"steady" | "fresh", PlannedSuite[]> {
  const withRows = (fresh: boolean): PlannedSuite[] =>
    suites
      .map((suite) => ({ ...suite, rows: suite.rows.filter((row) => needsFresh(suite, row) === fresh) }))
      .filter(({ rows }) => rows.length > 0);
  return { steady: withRows(false), fresh: withRows(true) };
}

function needsFresh({ not_here }: PlannedSuite, row: PlannedSuite["rows"][number]): boolean {
  return row.fresh === true && not_here === undefined;
}

/** Whether the run launches the machines of every side. */
export function allSidesLaunched(spec: Spec): boolean {
  return !spec.sides.some((side) => outlivesRun(side, spec));
}

/** Measures those trials of the fresh rows `suites` that have no record. */
export async function measureOnFreshMachines(
  context: RunContext,
  suites: readonly PlannedSuite[],
  launcher: FreshLauncher,
): Promise<void> {
  const { state, planned } = context;
  const { spec } = planned.plan;
  await finishLots(context, suites, launcher);
  const open = suites
    .flatMap((suite) => freshTrialsOf(suite, spec))
    .map((one) => ({ ...one, sides: one.sides.filter(({ name }) => !state.hasOn(name, one.trial)) }));
  for (const wanted of splitIntoLots(open, spec.machines)) {
    if (await skipIfUnaffordable(context, wanted)) continue;
    const lot = state.nextLot;
    try {
      context.signal.throwIfAborted();
      await measureLot(context, wanted, await launcher.acquire(wanted[0]?.sides ?? [], wanted.length, lot), lot);
    } catch (error) {
      if (context.signal.aborted || context.budget?.over !== true) throw error;
      await skipIfUnaffordable(context, wanted);
    } finally {
      await releaseLot(context, launcher);
    }
  }
}

/** Reads to their ends the batches that an earlier client of the run began on machines that still exist. */
async function finishLots(
  context: RunContext,
  suites: readonly PlannedSuite[],
  launcher: FreshLauncher,
): Promise<void> {
  const { state, sink } = context;
  if (state.lots.length === 0) return;
  try {
    for (const one of state.lots) {
      const begun = suites.filter(({ name }) => state.unread(one.machine.name, name).length > 0);
      if (begun.length === 0) continue;
      const runner = await prepareMachine(context, one, { attempts: 1 });
      for (const suite of begun) {
        try {
          await runner.setup(suite, sink);
          await runner.catchUp(suite, sink);
        } catch (error) {
          await recordLoss(context, suite, runner, error, []);
        }
      }
    }
  } finally {
    await releaseLot(context, launcher);
  }
}

async function releaseLot(
  { state, observe }: Pick<RunContext, "state" | "observe">,
  launcher: FreshLauncher,
): Promise<void> {
  await launcher.release();
  const machines = state.lots.map(({ machine }) => machine.name);
  for (const machine of machines) await state.note({ kind: "gone", machine, reason: "its trial is over" });
  if (machines.length > 0) observe({ what: "gone", machines });
}

/** Splits `wanted` into lots of at most `most` trials, each of one suite and for the same sides. */
function splitIntoLots(wanted: readonly FreshTrial[], most: number): FreshTrial[][] {
  const groups = new Map<string, FreshTrial[]>();
  for (const one of wanted.filter(({ sides }) => sides.length > 0)) {
    const key = JSON.stringify([one.suite.name, one.sides.map(({ name }) => name)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => lotsOf(group, most));
}

/** Sets up one machine a side for each of `wanted`, then times their trials. Machines of one host take turns. */
async function measureLot(
  context: RunContext,
  wanted: readonly FreshTrial[],
  machines: readonly RunMachine[],
  lot: number,
): Promise<void> {
  const suite = wanted[0]?.suite;
  if (suite === undefined) return;
  const countBySide = new Map<string, number>();
  const indexOnSide = new Map<string, number>();
  for (const { machine } of machines) {
    const before = countBySide.get(machine.side) ?? 0;
    countBySide.set(machine.side, before + 1);
    indexOnSide.set(machine.name, before);
  }
  const plannedFor = ({ machine }: RunMachine): FreshTrial[] =>
    wanted.slice(indexOnSide.get(machine.name) ?? 0).slice(0, 1);
  const runners = await prepareMachines(context, machines, plannedFor, (one) =>
    prepareMachine(context, one, { attempts: 1 }),
  );
  const trials = new Map<MachineRunner, Trial>();
  for (const runner of runners) {
    const trial = wanted[indexOnSide.get(runner.name) ?? 0]?.trial;
    if (trial !== undefined) trials.set(runner, trial);
  }
  const trialOn = (runner: MachineRunner): Trial[] => [trials.get(runner)].filter((trial) => trial !== undefined);
  for (const runner of runners) await context.store.facts(runner.agent.machine, runner.facts);
  const able = await eligibleMachines(suite, runners, context, trialOn);
  const ready = await setUpSuite(context, suite, able, trialOn);
  for (const runner of ready) await reportSetup(context, suite, runner);
  const hosts = new Set(ready.map(({ facts }) => facts.host_id));
  await allSettledThenAll(
    [...hosts].map(async (host) => {
      const sharing = ready.filter(({ facts }) => facts.host_id === host);
      for (const runner of shuffled(sharing, seededRandom(`${context.planned.plan.spec.seed}/${host}/lot/${lot}`)))
        await measureOn(context, suite, runner, trialOn(runner));
    }),
  );
}

async function measureOn(
  context: RunContext,
  suite: PlannedSuite,
  runner: MachineRunner,
  trials: readonly Trial[],
): Promise<void> {
  for (const { row, impl, round } of trials) {
    const of = suite.rows.find((one) => one.name === row && one.impl === impl)?.runs ?? round;
    context.observe({ what: "round", suite: suite.name, round, of, machine: runner.name });
  }
  try {
    await runner.measure(suite, trials, context.sink);
  } catch (error) {
    await recordLoss(context, suite, runner, error, trials);
  }
}
