// The whole way of a run: plan, provision, ship, run, collect, store. What it launched it gives back, on every way out.

import { TimetrialError } from "../domain/errors.ts";
import type { Absence, Event } from "../domain/events.ts";
import { hostIds } from "../domain/hosts.ts";
import type { Address } from "../domain/machine.ts";
import type { Plan, Spec } from "../domain/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { Acquired, Order, Provisioner } from "../ports/provisioner.ts";
import type { Results, RunStore } from "../ports/results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Transport } from "../ports/transport.ts";
import { Agent } from "./agent.ts";
import { type Trial, trialId } from "./batch.ts";
import { Bench, type Sink } from "./bench.ts";
import { settled } from "./calibrate.ts";
import { type Occasion, type Planned, plan as makePlan } from "./plan.ts";
import { skippedRecord } from "./record.ts";
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
  let error: unknown;
  let absence: Absence = { state: "nothing-leased" };
  try {
    const acquired: Acquired[] = [];
    for (const { provisioner, sides } of orders) acquired.push(...(await provisioner.acquire(order(sides))));
    await bench(planned, acquired, ports, store, observe, signal, faults);
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
async function bench(
  planned: Planned,
  acquired: readonly Acquired[],
  ports: Ports,
  store: RunStore,
  observe: (event: Event) => void,
  signal: AbortSignal,
  faults: unknown[],
): Promise<void> {
  const { plan } = planned;
  const benches = await Promise.all(acquired.map((one, slot) => inHand(planned, one, slot, ports, signal)));
  compareHosts(benches);
  const recorded = new Set<string>();
  const sink: Sink = {
    record: async (record) => {
      recorded.add(`${record.machine}/${trialId(record)}`);
      await store.append(record);
      observe({ what: "record", record });
    },
    log: (name, text) => store.log(name, text),
  };

  for (const suite of plan.suites) {
    const auto = planned.auto.get(suite.name) ?? {};
    let ready = suite;
    if (Object.entries(suite.params).some(([name, value]) => value === "auto" && name in auto)) {
      ready = await settled(suite, auto, benches, sink, observe);
    } else {
      await Promise.all(benches.map((one) => one.setup(suite, sink)));
    }
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
      const missing = trials.filter((trial: Trial) => !recorded.has(`${one.name}/${trialId(trial)}`));
      for (const trial of missing) await sink.record(skippedRecord(trial, reason, place));
    });
    for (const one of benches) await one.cleanup(ready).catch((error: unknown) => faults.push(error));
  }
  for (const one of benches.filter(({ agent }) => agent.machine.address.kind !== "ssm"))
    await one.agent.clean().catch((error: unknown) => faults.push(error));
}

/** Machines that share a host get one id for it; those with the kernel of a `local` side are this computer too. */
function compareHosts(benches: readonly Bench[]): void {
  const here = benches.find(({ agent }) => agent.machine.address.kind === "local")?.facts.boot_id;
  const ids = hostIds(benches.map(({ facts }) => facts));
  for (const [i, one] of benches.entries())
    one.facts = { ...one.facts, host_id: ids[i] as string, ...(one.facts.boot_id === here ? { here: true } : {}) };
}

async function inHand(
  planned: Planned,
  { machine, instance }: Acquired,
  slot: number,
  ports: Ports,
  signal: AbortSignal,
): Promise<Bench> {
  const transport = ports.transports[machine.address.kind];
  if (transport === undefined) throw new TimetrialError("TRANSPORT", `no way to reach ${machine.name}`);
  const { clock } = ports;
  const { agent: archive, library } = planned;
  const agent = new Agent({ machine, transport, clock, run: planned.plan.run, slot, agent: archive, library, signal });
  await agent.ship([archive, ...planned.archives.values()]);
  const facts = { ...(await agent.facts()), suites: {}, ...(instance === undefined ? {} : { instance }) };
  return new Bench(agent, facts);
}
