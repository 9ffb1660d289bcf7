// The whole way of a run: plan, provision, ship, run, collect, store. What it launched it gives back, on every way out.

import type { InHand } from "../domain/course.ts";
import { TimetrialError } from "../domain/errors.ts";
import type { Absence, Event } from "../domain/events.ts";
import { hostIds } from "../domain/hosts.ts";
import type { Address } from "../domain/machine.ts";
import type { Plan, PlannedSuite, Spec } from "../domain/plan.ts";
import type { RunRecord } from "../domain/record.ts";
import type { Clock } from "../ports/clock.ts";
import type { Acquired, Order, Provisioner } from "../ports/provisioner.ts";
import type { Results, StoredRun } from "../ports/results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Transport } from "../ports/transport.ts";
import type { Bench, Sink } from "./bench.ts";
import { settled } from "./calibrate.ts";
import { Course } from "./course.ts";
import { byAge, canBeFresh, measureFresh } from "./fresh.ts";
import { allInHand, type Errand, lost, skipUnseen, tellSetUp } from "./in-hand.ts";
import { ableTo, allTrials, skipOn } from "./needs.ts";
import { type Occasion, plan as makePlan, planAgain } from "./plan.ts";
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
  // Published figures are a side of the table, not of the run.
  const measured = spec.sides.filter(({ kind }) => kind !== "published");
  const lost = measured.find(({ kind }) => !ports.provisioners.some(({ kinds }) => kinds.includes(kind)));
  if (lost !== undefined) throw new TimetrialError("REFUSED", `side ${lost.name}: there is no way to get its machines`);
  for (const { provisioner, sides } of sharesOf(plan, ports)) await provisioner.check({ plan, sides, signal });
  signal.throwIfAborted();
  const store = await ports.results.create(plan);
  observe({ what: "planned", plan, folder: store.folder });
  return await carriedOut(errandOf({ planned, ports, store, observe, signal, records: [], facts: new Map() }), ports);
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
  return await carriedOut(errandOf({ planned, ports, store, observe, signal, records, facts }), ports);
}

/** Each provisioner with the sides that are its. */
function sharesOf({ spec }: Plan, ports: Ports): { provisioner: Provisioner; sides: Order["sides"] }[] {
  return ports.provisioners
    .map((provisioner) => ({ provisioner, sides: spec.sides.filter((side) => provisioner.kinds.includes(side.kind)) }))
    .filter(({ sides }) => sides.length > 0);
}

interface Beginning extends Pick<Errand, "planned" | "store" | "observe" | "signal" | "facts"> {
  readonly ports: Ports;
  readonly records: readonly RunRecord[];
}

function errandOf({ ports, records, ...given }: Beginning): Errand {
  const { store, observe } = given;
  const course = new Course(store, records);
  const sink: Sink = {
    record: async (record) => {
      if (await course.record(record)) observe({ what: "record", record });
    },
    log: (name, text) => store.log(name, text),
  };
  return { ...given, course, sink, transports: ports.transports, clock: ports.clock, faults: [], unanswered: [] };
}

async function carriedOut(errand: Errand, ports: Ports): Promise<Outcome> {
  const { planned, course, store, observe, signal, unanswered } = errand;
  const { plan } = planned;
  const { spec } = plan;
  const shares = sharesOf(plan, ports);
  const order = (sides: Order["sides"]): Order => ({ plan, sides, ledger: store.ledger, observe, signal });
  const release = async (): Promise<void> => {
    for (const { provisioner, sides } of shares) await provisioner.release(order(sides));
  };
  let error: unknown;
  let absence: Absence = { state: "nothing-leased" };
  try {
    // A finished run may have died before its machines were given back: then that alone is left to do.
    if (!course.finished) {
      await everySuite(errand, shares, order, release);
      if (unanswered.length === 0) await course.note({ kind: "finished" });
      else observe({ what: "note", text: `not all was measured: go on with timetrial resume ${plan.run}` });
    }
  } catch (cause) {
    error = cause;
  } finally {
    const faults = [...errand.faults, ...unanswered];
    // Who interrupts a run wants it ended: only what went wrong by itself is kept for a look.
    const failed = error !== undefined || faults.length > 0 || course.wentWrong;
    const keeps = spec.keep_on_failure === true && failed && !signal.aborted;
    for (const { provisioner, sides } of shares) {
      try {
        const kept = keeps ? await provisioner.keep?.(order(sides)).catch(() => undefined) : undefined;
        if (kept !== undefined) {
          absence = kept;
          continue;
        }
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
      ids: "ids" in absence ? [...absence.ids] : [],
    });
  }
  await store.close();
  const faults = [...errand.faults, ...unanswered];
  return { plan, folder: store.folder, absence, faults, ...(error === undefined ? {} : { error }) };
}

/** All suites: rows that machines run many of on the run's machines, then those that want a new one each. */
async function everySuite(
  errand: Errand,
  shares: ReturnType<typeof sharesOf>,
  order: (sides: Order["sides"]) => Order,
  release: () => Promise<void>,
): Promise<void> {
  const { planned, course } = errand;
  const { steady, fresh } = byAge(planned.plan.suites);
  for (const { provisioner, sides } of shares)
    await machinesInHand(errand, provisioner, order(sides), steady.length > 0);
  if (steady.length > 0) await bench(errand, steady);
  if (fresh.length === 0 || !canBeFresh(planned.plan.spec)) return;
  if (steady.length > 0) await release();
  const acquire = async (wanted: Order["sides"], count: number, lot: number): Promise<readonly InHand[]> => {
    const acquired: Acquired[] = [];
    for (const { provisioner, sides } of shares) {
      const some = sides.filter((side) => wanted.includes(side));
      const missing = new Map(some.map(({ name }) => [name, { count, from: course.everOf(name) + 1 }]));
      if (some.length > 0) acquired.push(...(await provisioner.acquire({ ...order(some), missing })));
    }
    return await course.acquired(acquired, lot);
  };
  await measureFresh(errand, fresh, { acquire, release });
}

/**
 * Sees to it that the course has all machines of the order's sides: those of before, and others in place of the gone.
 * `wanted`: whether any is needed but those of lots.
 */
async function machinesInHand(
  { course, observe }: Errand,
  provisioner: Provisioner,
  order: Order,
  wanted: boolean,
): Promise<void> {
  const ours = new Set(order.sides.map(({ name }) => name));
  const ofOurs = ({ machine }: InHand): boolean => ours.has(machine.side);
  const [before, lots] = [course.machines.filter(ofOurs), course.lots.filter(ofOurs)];
  const begun = before.length + lots.length > 0 || (await order.ledger.entries()).length > 0;
  const still = begun ? await provisioner.recover(order, [...before, ...lots]) : [];
  const alive = new Set(still.map(({ machine }) => machine.name));
  const missing = new Map<string, { count: number; from: number }>();
  for (const { machine } of [...before, ...lots].filter((one) => !alive.has(one.machine.name))) {
    await course.note({ kind: "gone", machine: machine.name, reason: "it was not there when the run was resumed" });
    if (!before.some((one) => one.machine.name === machine.name)) continue;
    observe({ what: "note", text: `${machine.name} is gone: another machine takes its place` });
    const count = (missing.get(machine.side)?.count ?? 0) + 1;
    missing.set(machine.side, { count, from: course.everOf(machine.side) + 1 });
  }
  if (!wanted || (before.length > 0 && missing.size === 0)) return;
  const zone = still.find(({ instance }) => instance !== undefined)?.instance?.zone;
  const added = await provisioner.acquire({
    ...order,
    ...(missing.size === 0 ? {} : { missing }),
    ...(zone === undefined ? {} : { zone }),
  });
  await course.acquired(added);
}

/** Ships to the machines, sets them up, measures, cleans up. */
async function bench(errand: Errand, suites: readonly PlannedSuite[]): Promise<void> {
  const { planned, course, sink, observe, faults } = errand;
  const { plan } = planned;
  const meant = (_: InHand, uname: string) =>
    suites.flatMap((suite) => plannedTrials(suite, uname, plan.spec.seed).map((trial) => ({ suite, trial })));
  // What a machine that is gone did not measure is said to be so; those of lots had a trial each, which is launched for anew.
  const lots = new Set(course.lotNames);
  for (const one of course.gone.filter(({ machine }) => !lots.has(machine.name)))
    await skipUnseen(errand, one, "machine-gone", meant);
  const benches = await allInHand(errand, course.machines, meant);
  compareHosts(benches);
  /** Why was told: what fails there afterwards needs no telling. */
  const failed = new Set<Bench>();
  try {
    // All of it before anything is timed.
    const able = new Map<PlannedSuite, Bench[]>();
    for (const suite of suites) able.set(suite, await ableTo(suite, benches, errand));

    for (const [suite, here] of able) {
      for (const one of benches) if (!here.includes(one)) await errand.store.facts(one.agent.machine, one.facts);
      if (here.length === 0) continue;
      const { ready, here: set } = await settled(errand, suite, planned.auto.get(suite.name) ?? {}, here);
      for (const one of set) await tellSetUp(errand, suite, one);
      for (const one of here) if (!set.includes(one)) failed.add(one);
      await measureAll(ready, set, plan.spec.seed, sink, observe, async (one, error, trials) => {
        failed.add(one);
        await lost(errand, ready, one, error, trials);
      });
      for (const one of set.filter((each) => !failed.has(each)))
        await one.cleanup(ready).catch((error: unknown) => faults.push(error));
    }
    if (!canBeFresh(plan.spec)) {
      const reason = "needs: a newly launched machine";
      for (const suite of byAge(plan.suites).fresh)
        for (const one of benches) await skipOn(one, suite, allTrials(suite, one), reason, errand);
    }
    // What was launched goes whole; what stays is left as it was found.
    for (const one of benches.filter((bench) => stays(course, bench)))
      await one.agent.clean().catch((error: unknown) => failed.has(one) || faults.push(error));
  } catch (error) {
    // What goes on measuring by itself is ended where the machine is not.
    await Promise.all(
      benches
        .filter((bench) => stays(course, bench))
        .map((one) => one.agent.stop().catch((fault: unknown) => faults.push(fault))),
    );
    throw error;
  }
}

/** Machines that share a host get one id for it; those with the kernel of a `local` side are this computer too. */
function compareHosts(benches: readonly Bench[]): void {
  const here = benches.find(({ agent }) => agent.machine.address.kind === "local")?.facts.boot_id;
  const ids = hostIds(benches.map(({ facts }) => facts));
  for (const [i, one] of benches.entries())
    one.facts = { ...one.facts, host_id: ids[i] as string, ...(one.facts.boot_id === here ? { here: true } : {}) };
}

/** Whether the machine is not given back. */
function stays(course: Course, { name }: Bench): boolean {
  return !course.machines.some(({ machine, booting }) => machine.name === name && booting === true);
}
