// The way of a boot run: one boot after another, or so many at once as were asked for, each side once a round, the
// sides of a round in a seeded order. What was launched is given back as soon as it has shown what it was launched for.

import type { BootEvent, BootPlan, BootSide, BootSpec } from "../domain/boot.ts";
import { TimetrialError } from "../domain/errors.ts";
import type { Absence } from "../domain/events.ts";
import { random, shuffled } from "../domain/random.ts";
import type { Booter, BootOrder } from "../ports/booter.ts";
import type { BootResults, BootStore } from "../ports/boot-results.ts";
import type { Clock } from "../ports/clock.ts";
import type { Probe } from "../ports/probe.ts";
import { bootOnce } from "./boot-once.ts";
import type { Occasion } from "./plan.ts";

export interface BootPorts {
  readonly booter: Booter;
  readonly probe: Probe;
  readonly results: BootResults;
  readonly clock: Clock;
}

export interface BootOutcome {
  readonly plan: BootPlan;
  readonly folder: string;
  readonly absence: Absence;
  /** What ended it before its time; what was seen till then is stored. */
  readonly error?: unknown;
}

/** One boot that is to be made. */
export interface BootTask {
  readonly side: BootSide;
  readonly number: number;
  readonly warmup: boolean;
}

/**
 * Boots what `spec` asks for.
 *
 * Throws what was refused before anything was launched; what goes wrong later is in the outcome, beside what it left.
 */
export async function runBoots(
  spec: BootSpec,
  occasion: Occasion,
  ports: BootPorts,
  observe: (event: BootEvent) => void,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const plan: BootPlan = { schema: 1, kind: "boot", ...occasion, spec };
  await ports.booter.check({ plan, signal });
  signal.throwIfAborted();
  const store = await ports.results.create(plan);
  observe({ what: "boot-planned", plan, folder: store.folder });
  const stop = new AbortController();
  const order: BootOrder = {
    plan,
    ledger: store.ledger,
    observe,
    signal: AbortSignal.any([signal, stop.signal]),
  };
  let error: unknown;
  try {
    await ports.probe.warm();
    await inTurns(tasksOf(spec), spec.parallel, stop, async (task) => {
      const record = await bootOnce(task, ports, order, observe);
      await store.append(record);
      observe({ what: "boot-record", record });
    });
  } catch (cause) {
    error = cause;
  }
  const absence = await givenBack(ports.booter, { ...order, signal }, store);
  await store.close();
  return { plan, folder: store.folder, absence, ...(error === undefined ? {} : { error }) };
}

async function givenBack(booter: Booter, order: BootOrder, store: BootStore): Promise<Absence> {
  let absence: Absence;
  try {
    await booter.release(order);
    absence = await booter.absence(order);
  } catch (cause) {
    absence = { state: "left", ids: [], reason: cause instanceof Error ? cause.message : String(cause) };
  }
  if (absence.state !== "nothing-leased") {
    const ids = absence.state === "left" ? [...absence.ids] : [];
    await store.ledger.write({ kind: "absence", state: absence.state, ids });
  }
  return absence;
}

/** All boots in their order: round by round, each side once, and the first of each is its warm-up if others follow. */
function tasksOf({ sides, boots, seed }: BootSpec): BootTask[] {
  const draw = random(seed);
  return Array.from({ length: boots }, (_, round) =>
    shuffled(sides, draw).map((side) => ({ side, number: round + 1, warmup: round === 0 && boots > 1 })),
  ).flat();
}

/** Does `work` on all of `items`, `most` at once; the first that fails stops the others, and is thrown when all have ended. */
async function inTurns<T>(
  items: readonly T[],
  most: number,
  stop: AbortController,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const faults: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && faults.length === 0; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        faults.push(error);
        stop.abort(new TimetrialError("CLOUD", "another boot of this run failed", { cause: error }));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (faults.length > 0) throw faults[0];
}
