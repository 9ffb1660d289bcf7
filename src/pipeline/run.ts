// The whole way of a run: plan, provision, ship, run, collect, store. What it launched it gives back, on every way out.

import { TimetrialError } from "../domain/errors.ts";
import type { Absence, Event } from "../domain/events.ts";
import type { Address } from "../domain/machine.ts";
import type { Plan, PlannedSuite, Spec } from "../domain/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { Acquired, Lot, Order, Provisioner } from "../ports/provisioner.ts";
import type { Results } from "../ports/results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Transport } from "../ports/transport.ts";
import { trialId } from "./batch.ts";
import type { Bench, Sink } from "./bench.ts";
import { settled } from "./calibrate.ts";
import { byAge, canBeFresh, measureFresh } from "./fresh.ts";
import { type Errand, inHand, lost, tellSetUp } from "./in-hand.ts";
import { ableTo, allTrials, skipOn } from "./needs.ts";
import { type Occasion, plan as makePlan } from "./plan.ts";
import { measureAll } from "./schedule.ts";

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
  const orders = ports.provisioners
    .map((provisioner) => ({ provisioner, sides: spec.sides.filter((side) => provisioner.kinds.includes(side.kind)) }))
    .filter(({ sides }) => sides.length > 0);
  const lost = spec.sides.find(({ kind }) => !orders.some(({ provisioner }) => provisioner.kinds.includes(kind)));
  if (lost !== undefined) throw new TimetrialError("REFUSED", `side ${lost.name}: there is no way to get its machines`);
  for (const { provisioner, sides } of orders) await provisioner.check({ plan, sides, signal });
  signal.throwIfAborted();
  const store = await ports.results.create(plan);
  observe({ what: "planned", plan, folder: store.folder });
  const order = (sides: Order["sides"]): Order => ({ plan, sides, ledger: store.ledger, observe, signal });

  const faults: unknown[] = [];
  const recorded = new Set<string>();
  const sink: Sink = {
    record: async (record) => {
      recorded.add(`${record.machine}/${trialId(record)}`);
      await store.append(record);
      observe({ what: "record", record });
    },
    log: (name, text) => store.log(name, text),
  };
  const { transports, clock } = ports;
  const errand: Errand = { planned, transports, clock, store, sink, observe, signal, faults, recorded };
  let error: unknown;
  let absence: Absence = { state: "nothing-leased" };
  try {
    const { steady, fresh } = byAge(plan.suites);
    const acquire = async (wanted: Order["sides"], lot?: Lot): Promise<Acquired[]> => {
      const acquired: Acquired[] = [];
      for (const { provisioner, sides } of orders) {
        const some = sides.filter((side) => wanted.includes(side));
        if (some.length > 0) acquired.push(...(await provisioner.acquire({ ...order(some), ...(lot && { lot }) })));
      }
      return acquired;
    };
    const release = async (): Promise<void> => {
      for (const { provisioner, sides } of orders) await provisioner.release(order(sides));
    };
    const onMachines = steady.length > 0;
    if (onMachines) await bench(errand, steady, await acquire(spec.sides));
    if (fresh.length > 0 && canBeFresh(spec)) {
      if (onMachines) await release();
      await measureFresh(errand, fresh, onMachines ? spec.machines : 0, { acquire, release });
    }
  } catch (cause) {
    error = cause;
  } finally {
    for (const { provisioner, sides } of orders) {
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
      ids: absence.state === "left" ? absence.ids : [],
    });
  }
  await store.close();
  return { plan, folder: store.folder, absence, faults, ...(error === undefined ? {} : { error }) };
}

/** Ships to the machines, sets them up, measures, cleans up. */
async function bench(errand: Errand, suites: readonly PlannedSuite[], acquired: readonly Acquired[]): Promise<void> {
  const { planned, sink, observe, faults } = errand;
  const { plan } = planned;
  const benches = await Promise.all(acquired.map((one, slot) => inHand(errand, one, slot)));
  // All of it before anything is timed.
  const able = new Map<PlannedSuite, Bench[]>();
  for (const suite of suites) able.set(suite, await ableTo(suite, benches, errand));

  for (const [suite, here] of able) {
    for (const one of benches) if (!here.includes(one)) await errand.store.facts(one.agent.machine, one.facts);
    if (here.length === 0) continue;
    const auto = planned.auto.get(suite.name) ?? {};
    let ready = suite;
    if (Object.entries(suite.params).some(([name, value]) => value === "auto" && name in auto)) {
      ready = await settled(suite, auto, here, sink, observe);
    } else {
      await Promise.all(here.map((one) => one.setup(suite, sink)));
    }
    for (const one of here) await tellSetUp(errand, suite, one);
    await measureAll(ready, here, plan.spec.seed, sink, observe, (one, error, trials) =>
      lost(errand, ready, one, error, trials),
    );
    for (const one of here) await one.cleanup(ready).catch((error: unknown) => faults.push(error));
  }
  if (!canBeFresh(plan.spec)) {
    const reason = "needs: a newly launched machine";
    for (const suite of byAge(plan.suites).fresh)
      for (const one of benches) await skipOn(one, suite, allTrials(suite, one), reason, errand);
  }
  for (const one of benches.filter(({ agent }) => agent.machine.address.kind === "local")) await one.agent.clean();
}
