// Prepares a reachable machine: ships the agent and suites, reads its facts. And what becomes of the trials of a machine
// that is lost.

import { osOfImage } from "../../domain/plan/image.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { Side } from "../../domain/plan/side.ts";
import { requiredTools } from "../../domain/run/requirements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { AgentClient } from "../agent/agent-client.ts";
import { MachineRunner, type MachineRunnerOptions } from "../machine/machine-runner.ts";
import { waitForFirstBoot } from "../agent/first-boot.ts";
import { recordOfSkipped } from "../machine/build-record.ts";
import { runSignal, type RunContext } from "../run/run-context.ts";

/** How long the journal of an interrupted run may take to read. Seconds. */
const readLimit_s = 15;

/** The runner of a machine that can be reached. */
export async function prepareMachine(
  errand: RunContext,
  { machine, instance, microvm, slot, booting }: RunMachine,
  options: Pick<MachineRunnerOptions, "attempts"> = {},
): Promise<MachineRunner> {
  const { planned, course, transports, clock, observe, budget } = errand;
  const signal = runSignal(errand);
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
  await agent.ship([archive, ...planned.archives.values()]);
  const asked = requiredTools(planned.plan.suites);
  const ready = () => waitForFirstBoot(agent, clock, signal, asked);
  const found = booting === true ? await ready() : await agent.facts(asked);
  // Machines on one dedicated host share it, whatever their kernels say.
  const host = instance?.host === undefined ? {} : { host_id: instance.host };
  const below = microvm === undefined ? {} : { host_id: microvm.host_id, microvm };
  // What an earlier client's setups found: a suite whose trials are all recorded is not set up again.
  const suites = errand.facts.get(machine.name)?.suites ?? {};
  const facts = { ...found, ...host, ...below, suites, ...(instance === undefined ? {} : { instance }) };
  const spending = budget === undefined ? {} : { budget };
  return new MachineRunner(agent, facts, {
    course,
    observe,
    clock,
    ownSuites: new Set(planned.plan.spec.suites.flatMap(({ suite, folder }) => (folder === undefined ? [] : [suite]))),
    ...(booting === true ? { ready } : {}),
    interrupted: () => (errand.signal.aborted ? AbortSignal.timeout(readLimit_s * 1000) : undefined),
    ...spending,
    ...options,
  });
}

/** A trial and the suite that it is of. */
interface OfSuite {
  readonly suite: PlannedSuite;
  readonly trial: Trial;
}

/** What is meant for a machine whose `uname -s` is `uname`. */
type Meant = (one: RunMachine, uname: string) => readonly OfSuite[];

/** The benches of those of `machines` that come in hand. What is `meant` for one that does not is skipped there. */
export async function prepareMachines(
  errand: RunContext,
  machines: readonly RunMachine[],
  meant: Meant,
  options: Pick<MachineRunnerOptions, "attempts"> = {},
): Promise<MachineRunner[]> {
  const benches = await allSettledThenAll(
    machines.map(async (one) => {
      try {
        return [await prepareMachine(errand, one, options)];
      } catch (error) {
        await lostUnseen(errand, one, error, meant);
        return [];
      }
    }),
  );
  return benches.flat();
}

/** Sets `suite` up on `benches`; answers those on which that could be done. */
export async function setUpSuite(
  errand: RunContext,
  suite: PlannedSuite,
  benches: readonly MachineRunner[],
  trialsOn: (bench: MachineRunner) => readonly Trial[],
): Promise<MachineRunner[]> {
  const done = await allSettledThenAll(
    benches.map(async (bench) => {
      try {
        await bench.setup(suite, errand.sink);
        return [bench];
      } catch (error) {
        await recordLoss(errand, suite, bench, error, trialsOn(bench));
        return [];
      }
    }),
  );
  return done.flat();
}

/** As Promise.all, but nothing goes on behind the back of whom it throws at. */
export async function allSettledThenAll<T>(all: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(all);
  return await Promise.all(all);
}

/** Tells of what setup found on `bench`, and keeps its facts. */
export async function reportSetup(
  { observe, store }: RunContext,
  suite: PlannedSuite,
  bench: MachineRunner,
): Promise<void> {
  const { machine } = bench.agent;
  observe({ what: "machine-setup", machine, capture: bench.facts.capture, drivers: bench.drivers(suite.name) });
  await store.facts(machine, bench.facts);
}

/** Records those of `trials` as skipped that `bench` was lost before; ends the run instead where it was interrupted. */
export async function recordLoss(
  errand: RunContext,
  suite: PlannedSuite,
  bench: MachineRunner,
  error: unknown,
  trials: readonly Trial[],
): Promise<void> {
  const why = endOf(errand, error);
  if (staysOpen(errand, why)) return;
  const place = { machine: bench.agent.machine, facts: bench.facts, suite };
  for (const trial of trials.filter((one) => !errand.course.has(bench.name, one)))
    await errand.sink.record(recordOfSkipped(trial, reasonOf(why), place));
}

/** What ended a machine's part in the run: `error`, or the budget that made an end of all of them. */
function endOf({ budget }: RunContext, error: unknown): unknown {
  // No machine's fault: a trial that cannot be stored is measured when the run goes on.
  if (error instanceof TimetrialError && error.code === "RESULTS_UNWRITABLE") throw error;
  return budget?.over === true ? budget.signal.reason : error;
}

/** A machine that was lost before it was seen, but by an earlier client of the run perhaps. */
async function lostUnseen(errand: RunContext, one: RunMachine, error: unknown, meant: Meant): Promise<void> {
  const why = endOf(errand, error);
  if (!staysOpen(errand, why)) await skipUnreachable(errand, one, reasonOf(why), meant);
}

/** Records as skipped what was meant for a machine that is not there, as far as it has no records. */
export async function skipUnreachable(
  errand: RunContext,
  one: RunMachine,
  reason: string,
  meant: Meant,
): Promise<void> {
  const { machine, instance } = one;
  const { course, sink, planned } = errand;
  const facts = errand.facts.get(machine.name);
  const uname = facts?.uname ?? systemOf(planned.plan.spec.sides.find(({ name }) => name === machine.side));
  const place = { machine, facts: facts ?? { host_id: instance?.host ?? "" } };
  for (const { suite, trial } of meant(one, uname))
    if (!course.has(machine.name, trial)) await sink.record(recordOfSkipped(trial, reason, { ...place, suite }));
}

/** What a side's machines will say of themselves, by the image's name. */
function systemOf(side: Side | undefined): string {
  const guest = side?.kind === "ec2" ? osOfImage(side.image) : side?.kind === "firecracker" ? side.vm?.guest : "linux";
  return guest === "freebsd" ? "FreeBSD" : "Linux";
}

/**
 * Notes `error`, which ended a machine's part in the run. Whether its trials stay open: the machine may be well, and
 * what failed is the service or the network, so that another client can go on with it.
 *
 * @throws `error` where the run was interrupted
 */
function staysOpen({ signal, faults, unanswered }: RunContext, error: unknown): boolean {
  if (signal.aborted) throw error;
  const isOpen = error instanceof TimetrialError && ["TRANSPORT", "CLOUD", "NO_CREDENTIALS"].includes(error.code);
  const told = isOpen ? unanswered : faults;
  if (!told.includes(error)) told.push(error);
  return isOpen;
}

function reasonOf(error: unknown): string {
  return error instanceof TimetrialError ? error.code.toLowerCase().replaceAll("_", "-") : "fault";
}
