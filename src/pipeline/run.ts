// The whole way of a run: plan, provision, ship, run, collect, store. What it launched it gives back, on every way out.

import { TimetrialError } from "../domain/errors.ts";
import type { InHand } from "../domain/course.ts";
import type { Absence, Event } from "../domain/events.ts";
import type { Address, Facts } from "../domain/machine.ts";

import type { Plan, Spec } from "../domain/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { Order, Provisioner } from "../ports/provisioner.ts";
import type { Results, RunStore, StoredRun } from "../ports/results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Transport } from "../ports/transport.ts";
import { Agent } from "./agent.ts";
import { Bench, type Sink } from "./bench.ts";
import { settled } from "./calibrate.ts";
import { Course } from "./course.ts";
import { type Occasion, type Planned, plan as makePlan, planAgain } from "./plan.ts";
import { skippedRecord } from "./record.ts";
import { measureAll, plannedTrials } from "./schedule.ts";

export interface Ports {
  readonly suites: Suites;
  readonly results: Results;
  readonly provisioners: readonly Provisioner[];
  readonly transports: Partial<Record<Address["kind"], Transport>>;
  readonly clock: Clock;
}

export interface Outcome {
  readonly plan: Plan;
  readonly folder: string;
  readonly absence: Absence;
  /** What went wrong without ending the run: a machine lost, a batch that no answer came from. */
  readonly faults: readonly unknown[];
  /** What ended it before its time; what was measured till then is stored. */
  readonly error?: unknown;
}

/**
 * Runs `spec`.
 *
 * Throws what was refused before anything was launched; what goes wrong later is in the outcome, beside what it left.
 */
export async function run(
  spec: Spec,
  occasion: Occasion,
  ports: Ports,
  observe: (event: Event) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const planned = await makePlan(spec, occasion, ports.suites);
  const { plan } = planned;
  const lost = spec.sides.find(({ kind }) => !ports.provisioners.some(({ kinds }) => kinds.includes(kind)));
  if (lost !== undefined) throw new TimetrialError("REFUSED", `side ${lost.name}: there is no way to get its machines`);
  for (const { provisioner, sides } of sharesOf(plan, ports)) await provisioner.check({ plan, sides, signal });
  signal.throwIfAborted();
  const store = await ports.results.create(plan);
  observe({ what: "planned", plan, folder: store.folder });
  return await carriedOut({ planned, course: new Course(store, []), ports, store, observe, signal, facts: new Map() });
}

/**
 * Goes on with `stored`, a run whose client died or was interrupted: with its machines that are still there, and others
 * in place of those that are not.
 *
 * @throws TimetrialError REFUSED where another client is at it, or the suites or the agent are not what they were
 */
export async function resume(
  stored: StoredRun,
  ports: Ports,
  observe: (event: Event) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const planned = await planAgain(stored.plan, ports.suites);
  const store = await ports.results.reopen(stored.folder);
  // Read again: until it was held, another client may have gone on with it.
  const { records, machines } = await ports.results.load(stored.folder);
  const facts = new Map(machines.map((one) => [one.name, one.facts]));
  observe({ what: "planned", plan: stored.plan, folder: store.folder });
  return await carriedOut({ planned, course: new Course(store, records), ports, store, observe, signal, facts });
}

interface Way {
  readonly planned: Planned;
  readonly course: Course;
  readonly ports: Ports;
  readonly store: RunStore;
  readonly observe: (event: Event) => void;
  readonly signal: AbortSignal;
  /** By machine: what an earlier client found on it. */
  readonly facts: ReadonlyMap<string, Facts>;
}

/** Each provisioner with the sides that are its. */
function sharesOf({ spec }: Plan, ports: Ports): { provisioner: Provisioner; sides: Order["sides"] }[] {
  return ports.provisioners
    .map((provisioner) => ({ provisioner, sides: spec.sides.filter((side) => provisioner.kinds.includes(side.kind)) }))
    .filter(({ sides }) => sides.length > 0);
}

async function carriedOut(way: Way): Promise<Outcome> {
  const { planned, ports, store, observe, signal } = way;
  const { plan } = planned;
  const shares = sharesOf(plan, ports);
  const order = (sides: Order["sides"]): Order => ({ plan, sides, ledger: store.ledger, observe, signal });
  const faults: unknown[] = [];
  let error: unknown;
  let absence: Absence = { state: "nothing-leased" };
  try {
    // A finished run may have died before its machines were given back: then that alone is left to do.
    if (!way.course.finished) {
      for (const { provisioner, sides } of shares) await inHand(way, provisioner, order(sides));
      await bench(way, faults);
      await way.course.note({ kind: "finished" });
    }
  } catch (cause) {
    error = cause;
  } finally {
    for (const { provisioner, sides } of shares) {
      try {
        await provisioner.release(order(sides));
        const found = await provisioner.absence(order(sides));
        if (found.state !== "nothing-leased") absence = found;
      } catch (cause) {
        absence = { state: "left", ids: [], reason: cause instanceof Error ? cause.message : String(cause) };
      }
    }
  }
  if (absence.state !== "nothing-leased") {
    await store.ledger.write({
      kind: "absence",
      state: absence.state,
      ids: absence.state === "left" ? [...absence.ids] : [],
    });
  }
  await store.close();
  return { plan, folder: store.folder, absence, faults, ...(error === undefined ? {} : { error }) };
}

/** Sees to it that the course has all machines of the order's sides: those of before, and others in place of the gone. */
async function inHand({ course, observe }: Way, provisioner: Provisioner, order: Order): Promise<void> {
  const ours = new Set(order.sides.map(({ name }) => name));
  const before = course.machines.filter(({ machine }) => ours.has(machine.side));
  const begun = before.length > 0 || (await order.ledger.entries()).length > 0;
  const still = begun ? await provisioner.recover(order, before) : [];
  const alive = new Set(still.map(({ machine }) => machine.name));
  const missing = new Map<string, { count: number; from: number }>();
  for (const { machine } of before.filter((one) => !alive.has(one.machine.name))) {
    await course.note({ kind: "gone", machine: machine.name, reason: "it was not there when the run was resumed" });
    observe({ what: "note", text: `${machine.name} is gone: another machine takes its place` });
    const count = (missing.get(machine.side)?.count ?? 0) + 1;
    missing.set(machine.side, { count, from: course.everOf(machine.side) + 1 });
  }
  if (before.length > 0 && missing.size === 0) return;
  const zone = still.find(({ instance }) => instance !== undefined)?.instance?.zone;
  const added = await provisioner.acquire({
    ...order,
    ...(missing.size === 0 ? {} : { missing }),
    ...(zone === undefined ? {} : { zone }),
  });
  const first = course.nextSlot;
  await course.note({ kind: "machines", machines: added.map((one, i) => ({ slot: first + i, ...one })) });
}

/** Ships to the machines, sets them up, measures, cleans up. */
async function bench(way: Way, faults: unknown[]): Promise<void> {
  const { planned, course, store, observe, signal } = way;
  const { plan } = planned;
  for (const one of course.gone) await forsake(way, one);
  const benches = await Promise.all(course.machines.map((one) => benchOf(way, one)));
  const sink: Sink = {
    record: async (record) => {
      if (await course.record(record)) observe({ what: "record", record });
    },
    log: (name, text) => store.log(name, text),
  };

  try {
    for (const suite of plan.suites) {
      const ready = await settled(suite, planned.auto.get(suite.name) ?? {}, benches, course, sink, observe);
      for (const one of benches) {
        observe({
          what: "machine-setup",
          machine: one.agent.machine,
          capture: one.facts.capture,
          drivers: one.drivers(suite.name),
        });
        await store.facts(one.agent.machine, one.facts);
      }
      await measureAll(ready, benches, plan.spec.seed, sink, observe, async (one, error, trials) => {
        if (signal.aborted) throw error;
        faults.push(error);
        const reason = error instanceof TimetrialError ? error.code.toLowerCase().replaceAll("_", "-") : "fault";
        const place = { machine: one.agent.machine, facts: one.facts, suite: ready };
        for (const trial of trials) await sink.record(skippedRecord(trial, reason, place));
      });
      for (const one of benches) await one.cleanup(ready).catch((error: unknown) => faults.push(error));
    }
    for (const one of benches.filter(stays)) await one.agent.clean();
  } catch (error) {
    // What goes on measuring by itself is ended where the machine is not.
    await Promise.all(
      benches.filter(stays).map((one) => one.agent.stop().catch((fault: unknown) => faults.push(fault))),
    );
    throw error;
  }
}

/** What a machine that is gone did not measure is said to be so. */
async function forsake({ planned, course, facts }: Way, { machine }: InHand): Promise<void> {
  const found = facts.get(machine.name);
  if (found === undefined) return;
  for (const suite of planned.plan.suites) {
    for (const trial of plannedTrials(suite, found.uname, planned.plan.spec.seed))
      await course.record(skippedRecord(trial, "machine-gone", { machine, facts: found, suite }));
  }
}

/** Machines that are not given back. */
function stays({ agent }: Bench): boolean {
  return agent.machine.address.kind === "local";
}

async function benchOf({ planned, course, ports, signal }: Way, { machine, slot, instance }: InHand): Promise<Bench> {
  const transport = ports.transports[machine.address.kind];
  if (transport === undefined) throw new TimetrialError("TRANSPORT", `no way to reach ${machine.name}`);
  const { clock } = ports;
  const { agent: archive, library } = planned;
  const agent = new Agent({ machine, transport, clock, run: planned.plan.run, slot, agent: archive, library, signal });
  await agent.ship([archive, ...planned.archives.values()]);
  const facts = { ...(await agent.facts()), suites: {}, ...(instance === undefined ? {} : { instance }) };
  return new Bench(agent, facts, course);
}
