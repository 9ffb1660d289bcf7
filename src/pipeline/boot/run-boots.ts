// Runs all boots of a plan, one after another or several at once. A machine is given back as soon as its boot is
// recorded. A refused launch costs only its own boot.

import { defined } from "../../domain/defined.ts";
import type { BootEvent, BootPlan, BootRecord, BootSide, BootSpec } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { ReleaseProof } from "../../domain/run/events.ts";
import type { BootOrder } from "../../ports/cloud/boot-provisioner.ts";
import type { BootStore } from "../../ports/boot-results.ts";
import { BootBudget, estimateBootCost, expectedBoot_s, expectedBootRun_s } from "./boot-budget.ts";
import { runOneBoot } from "./one-boot.ts";
import { releaseLeases, type Lease, closeResults } from "../run/give-back.ts";
import { StopAfterCurrent, runQueue, bootBatches } from "./boot-queue.ts";
import type { RunIdentity } from "../plan/make-plan.ts";
import { sharedSignal } from "../agent/shared-signal.ts";
import type { BootPorts } from "./boot-ports.ts";

/** This many refused launches in a row end a run. */
const mostRefused = 3;

/** The outcome of a boot run. Its records are in `folder`; `absence` says whether anything may still be running. */
export interface BootOutcome {
  readonly plan: BootPlan;
  readonly folder: string;
  readonly absence: ReleaseProof;
  /** The error that ended it early; the records until then are stored. */
  readonly error?: unknown;
}

/**
 * Boots what `spec` asks for, one machine per boot, and times each boot from the launch call to the open port. Gives
 * every machine back.
 *
 * @throws TimetrialError for what is refused before anything is launched. Later errors are in the outcome, beside the
 * measurements.
 * @example
 * import { type BootPorts, type BootSpec, runBoots } from "timetrial";
 *
 * export async function boot(spec: BootSpec, ports: BootPorts): Promise<string> {
 *   const identity = { run: "boots", tool_version: "0.1.0", created_at: new Date().toISOString() };
 *   return (await runBoots(spec, identity, ports, () => {}, new AbortController().signal)).folder;
 * }
 */
export async function runBoots(
  spec: BootSpec,
  identity: RunIdentity,
  ports: BootPorts,
  observe: (event: BootEvent) => void,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const plan: BootPlan = { schema: 1, kind: "boot", ...identity, spec };
  await ports.provisioner.check({ plan, signal });
  signal.throwIfAborted();
  const costEstimate = await estimateBootCost(plan, ports.priceInputs, signal, ports.provisioner.unpriced?.());
  const takes_s = expectedBoot_s(spec, ports.priceInputs);
  const store = await ports.results.create(plan);
  if (costEstimate !== undefined) await store.prices(costEstimate.list);
  const expected_s = expectedBootRun_s(spec, takes_s);
  observe({
    what: "boot-planned",
    plan,
    folder: store.folder,
    expected_s,
    ...defined({ costEstimate }),
  });
  const stop = new AbortController();
  const launching = { plan, ledger: store.ledger, observe };
  const allowance = BootBudget.of({ ...launching, signal }, costEstimate, ports.clock, takes_s);
  const order: BootOrder = {
    ...launching,
    signal: sharedSignal(
      AbortSignal.any([signal, stop.signal, ...(allowance === undefined ? [] : [allowance.signal])]),
    ),
  };
  using _ = allowance?.watch();
  const making: BootContext = { ports, order, store, observe, stop, ...defined({ allowance }) };
  const error: unknown = await allBoots(making).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  const last = { ...order, signal };
  const lease: Lease = {
    release: () => ports.provisioner.release(last),
    absence: () => ports.provisioner.absence(last),
  };
  const { absence, fault } = await releaseLeases([lease], store.ledger);
  const unclosed = await closeResults(store);
  const ended = error ?? fault ?? unclosed;
  return { plan, folder: store.folder, absence, ...defined({ error: ended }) };
}

interface BootContext {
  readonly ports: BootPorts;
  readonly order: BootOrder;
  readonly store: BootStore;
  readonly observe: (event: BootEvent) => void;
  readonly stop: AbortController;
  /** Absent if there is no budget. */
  readonly allowance?: BootBudget;
}

async function allBoots({ ports, order, store, observe, stop, allowance }: BootContext): Promise<void> {
  const { spec } = order.plan;
  const refusals = new RefusalCounter(spec.boots * spec.sides.length);
  /** Sides with at least one completed boot. */
  const warm = new Set<string>();
  await ports.probe.warm();
  await runQueue(bootBatches(spec), spec.parallel, stop, async (task) => {
    const once = (of: BootOrder): Promise<BootRecord> => runOneBoot(task, ports, of, observe);
    const isCold = !task.warmup && spec.boots > 1 && !warm.has(task.side.name);
    const made = await (allowance === undefined || task.side.vm !== undefined
      ? once(order)
      : allowance.within(order, task.side.name, once));
    // The first boot of this side was refused, so this one was the first: it met cold caches.
    const record = isCold ? { ...made, tainted: [...made.tainted, "cold-image"] } : made;
    if (record.instance !== undefined) warm.add(record.side);
    await store.append(record);
    observe({ what: "boot-record", record });
    refusals.count(record, task.side);
  });
}

/** Counts launches that are refused in a row. */
class RefusalCounter {
  readonly #most: number;
  #inARow = 0;

  constructor(boots: number) {
    this.#most = Math.min(mostRefused, boots);
  }

  /**
   * Counts the record of a launch.
   *
   * @throws StopAfterCurrent if the next launch would be refused, too
   */
  count(record: BootRecord, { vm }: BootSide): void {
    this.#inARow = record.instance === undefined ? this.#inARow + 1 : 0;
    if (record.instance !== undefined || record.status !== "failed" || this.#inARow < this.#most) return;
    const times = this.#inARow === 1 ? "the launch was" : `${this.#inARow} launches in a row were`;
    const hint =
      vm === undefined ? "try later" : "timetrial doctor firecracker:FILE.toml says what this computer lacks";
    throw new StopAfterCurrent(new TimetrialError("CLOUD", `${times} refused: ${record.reason}`, { hint }));
  }
}
