// Prepares machines that can be reached: uploads the agent and suites, and reads their facts. Records what happens to
// the trials of a machine that is lost.

import { defined } from "../../domain/defined.ts";
import { osOfImage } from "../../domain/plan/image.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { widenClockRange } from "../../domain/run/processor-readings.ts";
import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { Side } from "../../domain/plan/side.ts";
import { requiredTools } from "../../domain/run/requirements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { allSettledThenAll } from "../all-settled.ts";
import { AgentClient } from "../agent/agent-client.ts";
import { MachineRunner, type MachineRunnerOptions } from "../machine/machine-runner.ts";
import { waitForFirstBoot } from "../agent/first-boot.ts";
import { recordSkipped } from "../run/record-skipped.ts";
import { runSignal, type RunContext } from "../run/run-context.ts";

/** How long the journal of an interrupted run may take to read. Seconds. */
const readLimit_s = 15;

/** Uploads the agent and suites to a machine that can be reached, and returns its runner. */
export async function prepareMachine(
  context: RunContext,
  { machine, instance, microvm, slot, booting }: RunMachine,
  options: Pick<MachineRunnerOptions, "attempts"> = {},
): Promise<MachineRunner> {
  const { planned, state, transports, clock, observe, budget } = context;
  // One for each machine: adding a listener takes time that grows with those that a signal has.
  const signal = AbortSignal.any([runSignal(context)]);
  const transport = transports[machine.address.kind];
  if (transport === undefined) throw new TimetrialError("TRANSPORT", `no way to reach ${machine.name}`);
  const { agent: archive, library } = planned;
  const agent = new AgentClient({
    machine,
    transport,
    clock,
    run: planned.plan.run,
    slot,
    agent: archive,
    library,
    signal,
  });
  const isNew = booting === true && !context.facts.has(machine.name);
  await agent.ship([archive, ...planned.archives.values()], isNew);
  const asked = requiredTools(planned.plan.suites);
  const ready = () => waitForFirstBoot(agent, clock, signal, asked);
  const found = booting === true ? await ready() : await agent.facts(asked);
  // Machines on one dedicated host share it, even where their kernels show different hosts.
  const host = instance?.host === undefined ? {} : { host_id: instance.host };
  const below = microvm === undefined ? {} : { host_id: microvm.host_id, microvm };
  // The findings of an earlier client's setups: a suite whose trials are all recorded is not set up again.
  const { suites = {}, clock_hz: earlier } = context.facts.get(machine.name) ?? {};
  const clock_hz = widenClockRange(found.clock_hz, { clock_hz_before: earlier?.least, clock_hz_after: earlier?.most });
  const facts = { ...found, ...defined({ clock_hz }), ...host, ...below, suites, ...defined({ instance }) };
  const budgetOption = budget === undefined ? {} : { budget };
  return new MachineRunner(agent, facts, {
    state,
    observe,
    clock,
    ownSuites: new Set(planned.plan.spec.suites.flatMap(({ suite, folder }) => (folder === undefined ? [] : [suite]))),
    ...(booting === true ? { ready } : {}),
    interrupted: () => (context.signal.aborted ? AbortSignal.timeout(readLimit_s * 1000) : undefined),
    ...budgetOption,
    ...options,
  });
}

/** A trial and its suite. */
interface SuiteOnMachine {
  readonly suite: PlannedSuite;
  readonly trial: Trial;
}

/** Returns the trials that are planned for a machine whose `uname -s` is `uname`. */
type PlannedFor = (one: RunMachine, uname: string) => readonly SuiteOnMachine[];

/**
 * Prepares `machines`, and returns their runners. Records the `plannedFor` trials of a machine that is lost as skipped.
 * `prepare` prepares one of them.
 */
export async function prepareMachines(
  context: RunContext,
  machines: readonly RunMachine[],
  plannedFor: PlannedFor,
  prepare: (one: RunMachine) => Promise<MachineRunner>,
): Promise<MachineRunner[]> {
  const runners = await allSettledThenAll(
    machines.map(async (one) => {
      try {
        return [await prepare(one)];
      } catch (error) {
        await lostUnseen(context, one, error, plannedFor);
        return [];
      }
    }),
  );
  return runners.flat();
}

/** What is needed to record the loss of a machine. */
export type LossContext = Pick<RunContext, "state" | "sink" | "signal" | "budget" | "faults" | "unanswered">;

/** Sets `suite` up on `runners`, and returns those whose machines were not lost. */
export async function setUpSuite(
  context: LossContext & Pick<RunContext, "observe">,
  suite: PlannedSuite,
  runners: readonly MachineRunner[],
  trialsOn: (runner: MachineRunner) => readonly Trial[],
): Promise<MachineRunner[]> {
  const done = await allSettledThenAll(
    runners.map(async (runner) => {
      try {
        context.observe({ what: "doing", machine: runner.name, text: `setting ${suite.name} up` });
        await runner.setup(suite, context.sink);
        return [runner];
      } catch (error) {
        await recordLoss(context, suite, runner, error, trialsOn(runner));
        return [];
      }
    }),
  );
  return done.flat();
}

/** Reports the findings of a setup, and stores the machine's facts. */
export async function reportSetup(
  { observe, store }: Pick<RunContext, "observe" | "store">,
  suite: PlannedSuite,
  runner: MachineRunner,
): Promise<void> {
  const { machine } = runner.agent;
  const { uname, capture } = runner.facts;
  observe({ what: "machine-setup", machine, uname, capture, drivers: runner.drivers(suite.name) });
  await store.facts(machine, runner.facts);
}

/**
 * Records as skipped those of `trials` that a lost machine did not measure.
 *
 * @throws `error` where the run was interrupted
 */
export async function recordLoss(
  context: LossContext,
  suite: PlannedSuite,
  runner: MachineRunner,
  error: unknown,
  trials: readonly Trial[],
): Promise<void> {
  const why = await endOf(context, error);
  if (staysOpen(context, why)) return;
  const location = { machine: runner.agent.machine, facts: runner.facts, suite };
  const { state, budget } = context;
  const skipped = trials
    .filter((one) => !state.has(runner.name, one))
    .map((trial) => ({
      trial,
      reason: budget?.over === true ? state.budgetReason(runner.name, trial) : reasonOf(why),
      place: location,
    }));
  await recordSkipped(context.sink, skipped, context.signal);
}

/** Returns why the machine's part in the run ended: the budget where it is spent, else `error`. */
async function endOf({ budget }: Pick<RunContext, "budget">, error: unknown): Promise<unknown> {
  // This is no fault of the machine: the trial is measured when the run is resumed.
  if (error instanceof TimetrialError && error.code === "RESULTS_UNWRITABLE") throw error;
  if (budget === undefined) return error;
  // A machine ends itself at the time to which the budget pays.
  const isSpent = error instanceof TimetrialError && error.code === "MACHINE_LOST" && (await budget.hasRunOut());
  return isSpent || budget.over ? budget.signal.reason : error;
}

/** Handles a machine that was lost while it was prepared. */
async function lostUnseen(context: RunContext, one: RunMachine, error: unknown, plannedFor: PlannedFor): Promise<void> {
  const why = await endOf(context, error);
  if (!staysOpen(context, why)) await skipUnreachable(context, one, reasonOf(why), plannedFor);
}

/** Records as skipped those planned trials of a missing machine that have no record. */
export async function skipUnreachable(
  context: Pick<RunContext, "state" | "sink" | "planned" | "facts" | "signal">,
  one: RunMachine,
  reason: string,
  plannedFor: PlannedFor,
): Promise<void> {
  const { machine, instance } = one;
  const { state, sink, planned } = context;
  const facts = context.facts.get(machine.name);
  const uname = facts?.uname ?? systemOf(planned.plan.spec.sides.find(({ name }) => name === machine.side));
  const location = { machine, facts: facts ?? { host_id: instance?.host ?? "" } };
  const skipped = plannedFor(one, uname)
    .filter(({ trial }) => !state.has(machine.name, trial))
    .map(({ suite, trial }) => ({ trial, reason, place: { ...location, suite } }));
  await recordSkipped(sink, skipped, context.signal);
}

/** Returns the `uname -s` of a side's machines, by the name of the image. */
function systemOf(side: Side | undefined): string {
  const guest = side?.kind === "ec2" ? osOfImage(side.image) : side?.kind === "firecracker" ? side.vm?.guest : "linux";
  return guest === "freebsd" ? "FreeBSD" : "Linux";
}

/**
 * Notes `error`, which ended a machine's part in the run. Returns whether the machine's trials stay open for `resume`:
 * they do where the service or the network failed, and the machine may still work.
 *
 * @throws `error` where the run was interrupted
 */
function staysOpen(
  { signal, faults, unanswered }: Pick<RunContext, "signal" | "faults" | "unanswered">,
  error: unknown,
): boolean {
  if (signal.aborted) throw error;
  const isOpen = error instanceof TimetrialError && ["TRANSPORT", "CLOUD", "NO_CREDENTIALS"].includes(error.code);
  const errors = isOpen ? unanswered : faults;
  if (!errors.includes(error)) errors.push(error);
  return isOpen;
}

function reasonOf(error: unknown): string {
  return error instanceof TimetrialError ? error.code.toLowerCase().replaceAll("_", "-") : "fault";
}
