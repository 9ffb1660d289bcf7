// Prepares the machines, sets suites up, measures them and cleans up. Cleans up after every setup, also where the run
// fails.

import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { sharedHostIds } from "../../domain/run/shared-hosts.ts";
import type { JudgeLook } from "../../ports/stopping-rule.ts";
import { eligibleMachines, skipTrials } from "../provision/eligibility.ts";
import { allSidesLaunched, splitFreshRows } from "../provision/fresh-machines.ts";
import { allSettledThenAll } from "../all-settled.ts";
import { EarlyMachines } from "../provision/early-machines.ts";
import { prepareMachines, recordLoss, reportSetup, skipUnreachable } from "../provision/prepare-machines.ts";
import { calibrate } from "./calibrate.ts";
import { type InterimLooks, interimLooksFor } from "./interim-looks.ts";
import type { MachineRunner } from "../machine/machine-runner.ts";
import type { RunContext } from "./run-context.ts";
import { nextRepeats, type Repeats } from "./repeat-disturbed.ts";
import type { RunState } from "./run-state.ts";
import { measureSuite } from "./schedule.ts";
import { allTrials, firstTrials, plannedTrials } from "./trials.ts";
import { sharedSignal } from "../agent/shared-signal.ts";
import { withinBudget } from "./within-budget.ts";

/** How long the cleanup of an interrupted run may take. Seconds. */
const cleanupLimit_s = 60;

/** The machines of the run, and those with a reported failure, whose later failures are not reported. */
interface Machines {
  readonly all: readonly MachineRunner[];
  readonly failed: Set<MachineRunner>;
}

/**
 * Acquires all machines of the run, and logs them. Calls `onReady` with launched ones as each is ready. `during`: the
 * context of the run until then.
 */
export type AcquireAll = (during: RunContext, onReady: (machine: RunMachine) => void) => Promise<void>;

/**
 * Acquires the run's machines, and measures those trials of `suites` on them that have no record. A launched machine on
 * a host of its own begins when it is ready; others when all machines are.
 */
export async function measureSuites(
  outside: RunContext,
  suites: readonly PlannedSuite[],
  enough: JudgeLook | undefined,
  acquireAll: AcquireAll,
): Promise<void> {
  // Ends the machines that measure already where another one cannot be had, and the launches where a measurement fails.
  const stopped = new AbortController();
  const signal = sharedSignal(AbortSignal.any([outside.signal, stopped.signal]));
  const context: RunContext = { ...outside, signal };
  const { planned, state, observe } = context;
  const { spec } = planned.plan;
  const looks = interimLooksFor(context, enough);
  const plannedFor = (_: RunMachine, uname: string) =>
    suites.flatMap((suite) => plannedTrials(suite, uname, spec.seed).map((trial) => ({ suite, trial })));
  const failed = new Set<MachineRunner>();
  const measureOn = (all: readonly MachineRunner[]) => measureEach(context, suites, { all, failed }, looks);
  let [isAcquiring, isMeasuring] = [true, false];
  const early = new EarlyMachines(context, {
    ...(waitForEachOther(context, suites)
      ? {}
      : {
          measure: (runner) => {
            isMeasuring = true;
            return measureOn([runner]);
          },
        }),
    onError: (error) => isAcquiring && stopped.abort(error),
  });
  const onAbort = (): void => {
    if (isMeasuring) observe({ what: "note", text: "interrupted: reading what the machines have measured" });
  };
  outside.signal.addEventListener("abort", onAbort);
  let rest: readonly MachineRunner[] = [];
  try {
    await acquireAll(context, (one) => early.take(one)).catch((error: unknown) => {
      if (isMeasuring && !signal.aborted)
        observe({ what: "note", text: "a machine cannot be had: reading what the others have measured" });
      stopped.abort(error);
      throw error;
    });
    isAcquiring = false;
    // Records the missing trials of a machine that is gone. With `until` that waits for the number of rounds.
    if (spec.until === undefined)
      for (const one of state.gone) await skipUnreachable(context, one, "machine-gone", plannedFor);
    for (const one of state.machines) early.take(one);
    await early.decided();
    const waiting = state.machines.filter((one) => !early.isStarted(one));
    rest = await prepareMachines(context, waiting, plannedFor, (one) => early.prepare(one));
    compareHosts([...early.started, ...rest]);
    isMeasuring = true;
    if (early.isShared) await early.measured();
    await allSettledThenAll([early.measured(), measureOn(rest)]);
    const all = [...early.started, ...rest];
    if (!allSidesLaunched(spec)) {
      const reason = "needs: a newly launched machine";
      for (const suite of splitFreshRows(planned.plan.suites).fresh)
        for (const one of all) await skipTrials(one, suite, allTrials(suite, one), reason, context);
    }
    await removeRun(context, { all, failed });
  } catch (error) {
    await early.settled();
    await leaveMachines(context, suites, { all: [...early.started, ...rest], failed });
    throw error;
  } finally {
    outside.signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Whether no machine may begin before all are ready: the rounds of all are looked at together, the slowest clock of all
 * chooses how much work a trial does, or a budget pays for all at once.
 */
function waitForEachOther({ planned, state, budget }: RunContext, suites: readonly PlannedSuite[]): boolean {
  if (planned.plan.spec.until !== undefined || budget !== undefined) return true;
  return suites.some(({ name, params }) =>
    Object.keys(planned.auto.get(name) ?? {}).some(
      (param) => params[param] === "auto" && state.parameter(name, param) === undefined,
    ),
  );
}

async function measureEach(
  context: RunContext,
  suites: readonly PlannedSuite[],
  { all, failed }: Machines,
  looks: (suite: PlannedSuite, runners: readonly MachineRunner[]) => InterimLooks | undefined,
): Promise<void> {
  const { until } = context.planned.plan.spec;
  // Eligibility of all suites is decided before anything is timed.
  const able = new Map<PlannedSuite, MachineRunner[]>();
  for (const suite of suites)
    able.set(suite, await eligibleMachines(suite, all, context, until && ((one) => firstTrials(suite, one))));
  for (const [suite, here] of able) {
    for (const one of all) if (!here.includes(one)) await context.store.facts(one.agent.machine, one.facts);
    if (here.length === 0 || isDone(context, suite, here)) continue;
    await withinBudget(context, suite, here, () => measureOne(context, suite, here, failed, looks));
  }
}

/** Whether an earlier client of the run measured `suite` and cleaned it up. */
function isDone(
  { planned, state }: Pick<RunContext, "planned" | "state">,
  suite: PlannedSuite,
  here: readonly MachineRunner[],
): boolean {
  if (planned.plan.spec.until !== undefined) return false;
  return here.every(
    (one) => state.cleanups(one.name, suite.name) > 0 && allTrials(suite, one).every((trial) => one.has(trial)),
  );
}

async function measureOne(
  context: RunContext,
  suite: PlannedSuite,
  here: readonly MachineRunner[],
  failed: Set<MachineRunner>,
  looks: (suite: PlannedSuite, runners: readonly MachineRunner[]) => InterimLooks | undefined,
): Promise<void> {
  const { planned, sink, observe } = context;
  const auto = planned.auto.get(suite.name) ?? {};
  const { ready, here: set } = await calibrate(context, suite, auto, here);
  await allSettledThenAll(set.map((one) => reportSetup(context, suite, one)));
  for (const one of here) if (!set.includes(one)) failed.add(one);
  const lost = async (one: MachineRunner, error: unknown, trials: readonly Trial[]): Promise<void> => {
    // recordLoss throws where the run was interrupted: the machine has not failed then.
    await recordLoss(context, ready, one, error, trials);
    failed.add(one);
  };
  const { seed } = planned.plan.spec;
  const decides = looks(ready, set);
  const repeats = (one: MachineRunner): Promise<Repeats | undefined> => nextRepeats(context, ready, one);
  const { budget } = context;
  const more = {
    ...(decides === undefined ? { repeats } : { looks: decides }),
    ...(budget === undefined ? {} : { affordable_s: () => budget.affordable_s() }),
  };
  await measureSuite(set, { suite: ready, seed, sink, observe, lost, ...more });
  // They have the range of the clock by now.
  const stored = set.map((one) => context.store.facts(one.agent.machine, one.facts));
  if (budget?.over === true) return void (await allSettledThenAll(stored));
  for (const { name } of set) observe({ what: "doing", machine: name, text: `cleaning ${ready.name} up` });
  await allSettledThenAll([...stored, cleanUp(context, ready, set, failed)]);
}

/** Cleans `suite` up where its setup was begun. A failure is a fault of the run, and does not end it. */
async function cleanUp(
  { sink, faults }: Pick<RunContext, "sink" | "faults">,
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  failed: ReadonlySet<MachineRunner>,
  signal?: AbortSignal,
): Promise<void> {
  await Promise.all(
    runners
      .filter((one) => !failed.has(one))
      .map((one) => one.cleanup(suite, sink, signal).catch((fault: unknown) => faults.push(fault))),
  );
}

/** Removes the run's files from machines that stay. Launched machines are terminated, which needs no removal. */
async function removeRun(
  { state, faults }: Pick<RunContext, "state" | "faults">,
  { all, failed }: Machines,
): Promise<void> {
  for (const one of all.filter((runner) => outlivesSuite(state, runner)))
    await one.agent.clean().catch((error: unknown) => failed.has(one) || faults.push(error));
}

/** Stops the batches on machines that stay, and cleans up. Journals stay there, for `resume`. */
async function leaveMachines(
  context: Pick<RunContext, "state" | "faults" | "observe" | "planned" | "signal" | "sink">,
  suites: readonly PlannedSuite[],
  { all, failed }: Machines,
): Promise<void> {
  const { state, faults, observe, planned, signal } = context;
  const staying = all.filter((runner) => outlivesSuite(state, runner));
  await Promise.all(staying.map((one) => one.agent.stop().catch((fault: unknown) => faults.push(fault))));
  if (!signal.aborted) return;
  const limit = sharedSignal(AbortSignal.timeout(cleanupLimit_s * 1000));
  for (const suite of suites.filter(({ name }) => planned.cleanups.has(name))) {
    const begun = all.filter((one) => one.isSetUp(suite));
    if (begun.length === 0) continue;
    observe({ what: "note", text: `cleaning ${suite.name} up, for at most ${cleanupLimit_s} s` });
    await cleanUp(context, suite, begun, failed, limit);
  }
}

/** Gives machines that share a host one host id. A machine with the boot id of a `local` side is this computer, too. */
function compareHosts(runners: readonly MachineRunner[]): void {
  const here = runners.find(({ agent }) => agent.machine.address.kind === "local")?.facts.boot_id;
  const ids = sharedHostIds(runners.map(({ facts }) => facts));
  for (const [i, one] of runners.entries())
    one.facts = { ...one.facts, host_id: ids[i] as string, ...(one.facts.boot_id === here ? { here: true } : {}) };
}

/** Whether the machine is not given back. */
function outlivesSuite(state: RunState, { name }: MachineRunner): boolean {
  return !state.machines.some(({ machine, booting }) => machine.name === name && booting === true);
}
