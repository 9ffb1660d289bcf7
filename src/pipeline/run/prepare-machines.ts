// From a machine that answers to a bench: what it needs is shipped, what it is is known. And what becomes of the trials
// of a machine that is lost.

import { TimetrialError } from "../../domain/errors.ts";
import type { RunMachine, Trial } from "../../domain/run/run-log.ts";
import type { Side } from "../../domain/plan/side.ts";
import { requiredTools } from "../../domain/run/requirements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { Agent } from "../agent/agent-client.ts";
import { Bench, type BenchOptions } from "./machine-runner.ts";
import { bootedFacts } from "../agent/first-boot.ts";
import { skippedRecord } from "./build-record.ts";
import { signalOf, type Errand } from "./run-context.ts";

/** The bench of a machine that answers. */
export async function inHand(
  errand: Errand,
  { machine, instance, slot, booting }: RunMachine,
  options: Pick<BenchOptions, "attempts"> = {},
): Promise<Bench> {
  const { planned, course, transports, clock, observe, budget } = errand;
  const signal = signalOf(errand);
  const transport = transports[machine.address.kind];
  if (transport === undefined) throw new TimetrialError("TRANSPORT", `no way to reach ${machine.name}`);
  const { agent: archive, library } = planned;
  const agent = new Agent({
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
  const ready = () => bootedFacts(agent, clock, signal, asked);
  const found = booting === true ? await ready() : await agent.facts(asked);
  // Machines on one dedicated host share it, whatever their kernels say.
  const host = instance?.host === undefined ? {} : { host_id: instance.host };
  const facts = { ...found, ...host, suites: {}, ...(instance === undefined ? {} : { instance }) };
  const spending = budget === undefined ? {} : { budget };
  return new Bench(agent, facts, {
    course,
    observe,
    clock,
    ...(booting === true ? { ready } : {}),
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
export async function allInHand(
  errand: Errand,
  machines: readonly RunMachine[],
  meant: Meant,
  options: Pick<BenchOptions, "attempts"> = {},
): Promise<Bench[]> {
  const benches = await everyOne(
    machines.map(async (one) => {
      try {
        return [await inHand(errand, one, options)];
      } catch (error) {
        await lostUnseen(errand, one, error, meant);
        return [];
      }
    }),
  );
  return benches.flat();
}

/** Sets `suite` up on `benches`; answers those on which that could be done. */
export async function setUpOn(
  errand: Errand,
  suite: PlannedSuite,
  benches: readonly Bench[],
  trialsOn: (bench: Bench) => readonly Trial[],
): Promise<Bench[]> {
  const done = await everyOne(
    benches.map(async (bench) => {
      try {
        await bench.setup(suite, errand.sink);
        return [bench];
      } catch (error) {
        await lost(errand, suite, bench, error, trialsOn(bench));
        return [];
      }
    }),
  );
  return done.flat();
}

/** As Promise.all, but nothing goes on behind the back of whom it throws at. */
export async function everyOne<T>(all: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(all);
  return await Promise.all(all);
}

/** Tells of what setup found on `bench`, and keeps its facts. */
export async function tellSetUp({ observe, store }: Errand, suite: PlannedSuite, bench: Bench): Promise<void> {
  const { machine } = bench.agent;
  observe({ what: "machine-setup", machine, capture: bench.facts.capture, drivers: bench.drivers(suite.name) });
  await store.facts(machine, bench.facts);
}

/** Records those of `trials` as skipped that `bench` was lost before; ends the run instead where it was interrupted. */
export async function lost(
  errand: Errand,
  suite: PlannedSuite,
  bench: Bench,
  error: unknown,
  trials: readonly Trial[],
): Promise<void> {
  const why = endOf(errand, error);
  if (staysOpen(errand, why)) return;
  const place = { machine: bench.agent.machine, facts: bench.facts, suite };
  for (const trial of trials.filter((one) => !errand.course.has(bench.name, one)))
    await errand.sink.record(skippedRecord(trial, reasonOf(why), place));
}

/** What ended a machine's part in the run: `error`, or the budget that made an end of all of them. */
function endOf({ budget }: Errand, error: unknown): unknown {
  return budget?.over === true ? budget.signal.reason : error;
}

/** A machine that was lost before it was seen, but by an earlier client of the run perhaps. */
async function lostUnseen(errand: Errand, one: RunMachine, error: unknown, meant: Meant): Promise<void> {
  const why = endOf(errand, error);
  if (!staysOpen(errand, why)) await skipUnseen(errand, one, reasonOf(why), meant);
}

/** Records as skipped what was meant for a machine that is not there, as far as it has no records. */
export async function skipUnseen(errand: Errand, one: RunMachine, reason: string, meant: Meant): Promise<void> {
  const { machine, instance } = one;
  const { course, sink, planned } = errand;
  const facts = errand.facts.get(machine.name);
  const uname = facts?.uname ?? systemOf(planned.plan.spec.sides.find(({ name }) => name === machine.side));
  const place = { machine, facts: facts ?? { host_id: instance?.host ?? "" } };
  for (const { suite, trial } of meant(one, uname))
    if (!course.has(machine.name, trial)) await sink.record(skippedRecord(trial, reason, { ...place, suite }));
}

/** What a side's machines will say of themselves, by the image's name. */
function systemOf(side: Side | undefined): string {
  return side?.kind === "ec2" && side.image.startsWith("freebsd/") ? "FreeBSD" : "Linux";
}

/**
 * Notes `error`, which ended a machine's part in the run. Whether its trials stay open: the machine may be well, and
 * what failed is the service or the network, so that another client can go on with it.
 *
 * @throws `error` where the run was interrupted
 */
function staysOpen({ signal, faults, unanswered }: Errand, error: unknown): boolean {
  if (signal.aborted) throw error;
  const isOpen = error instanceof TimetrialError && ["TRANSPORT", "CLOUD", "NO_CREDENTIALS"].includes(error.code);
  const told = isOpen ? unanswered : faults;
  if (!told.includes(error)) told.push(error);
  return isOpen;
}

function reasonOf(error: unknown): string {
  return error instanceof TimetrialError ? error.code.toLowerCase().replaceAll("_", "-") : "fault";
}
