// Acquires the machines of a run, or recovers them where it is resumed.

import { defined } from "../../domain/defined.ts";
import { launchedSides } from "../../domain/plan/plan.ts";
import type { RunMachine } from "../../domain/run/run-log.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Machine } from "../../domain/run/machine.ts";
import { isAddressOfSide } from "../../domain/run/side-address.ts";
import type { Provisioner, ProvisionOrder } from "../../ports/cloud/provisioner.ts";
import type { RunContext } from "../run/run-context.ts";
import { lifetimeWithinBudget } from "../run/within-budget.ts";

/**
 * Acquires the machines of the order's sides: recovers those of an earlier client, and replaces those that are gone.
 * `wanted`: whether the run needs machines for rows that are not fresh. Calls `onReady` with launched machines that are
 * ready before all are: those are in the run's log only once their caller or this function has logged them.
 */
export async function acquireMachines(
  context: Pick<RunContext, "state" | "observe" | "budget">,
  provisioner: Provisioner,
  order: ProvisionOrder,
  wanted: boolean,
  onReady: (machine: RunMachine) => void,
): Promise<void> {
  const { state, observe } = context;
  const sideNames = new Set(order.sides.map(({ name }) => name));
  const isOfOrder = ({ machine }: RunMachine): boolean => sideNames.has(machine.side);
  const [before, lots] = [state.machines.filter(isOfOrder), state.lots.filter(isOfOrder)];
  for (const { machine } of [...before, ...lots]) refuseStrangeAddress(machine, order);
  const begun = before.length + lots.length > 0 || (await order.ledger.entries()).length > 0;
  const recovered = begun ? await provisioner.recover(order, [...before, ...lots]) : [];
  const alive = new Set(recovered.map(({ machine }) => machine.name));
  const slot = state.nextSlot;
  const lost = new Map<string, number>();
  for (const { machine } of [...before, ...lots].filter((one) => !alive.has(one.machine.name))) {
    await state.note({ kind: "gone", machine: machine.name, reason: "it was not there when the run was resumed" });
    if (!before.some((one) => one.machine.name === machine.name)) continue;
    observe({ what: "note", text: `${machine.name} is gone: another machine takes its place` });
    lost.set(machine.side, (lost.get(machine.side) ?? 0) + 1);
  }
  if (!wanted) return;
  // An earlier client may have ended before all of its launched machines were logged.
  const launched = new Set(launchedSides(order.plan.spec).map(({ name }) => name));
  const isResumed = before.length > 0 || order.sides.some(({ name }) => launched.has(name) && state.everOf(name) > 0);
  const missing = new Map<string, { count: number; from: number }>();
  for (const { name } of order.sides) {
    const left = before.filter(({ machine }) => machine.side === name && alive.has(machine.name)).length;
    const count = launched.has(name) ? order.plan.spec.machines - left : (lost.get(name) ?? 0);
    if (count > 0) missing.set(name, { count, from: state.nextNumber(name) });
  }
  if (isResumed && missing.size === 0) return;
  for (const one of before) if (alive.has(one.machine.name) && one.booting === true) onReady(one);
  const zone = recovered.find(({ instance }) => instance !== undefined)?.instance?.zone;
  const added = await provisioner.acquire({
    ...order,
    ...(provisioner.kinds.includes("ec2") ? await lifetimeWithinBudget(context) : {}),
    ...(isResumed ? { missing } : {}),
    ...defined({ zone }),
    onReady: (one) => onReady({ ...one, slot }),
  });
  await state.acquired(added, { slot });
}

/**
 * Refuses a machine of the run's log whose address is none of its side's: nobody was told that it would be used.
 *
 * @throws TimetrialError RESULTS_CORRUPT
 */
function refuseStrangeAddress({ name, side, address }: Machine, { sides }: ProvisionOrder): void {
  const its = sides.find((one) => one.name === side);
  if (its !== undefined && isAddressOfSide(address, its)) return;
  throw new TimetrialError(
    "RESULTS_CORRUPT",
    `course.ndjson: ${name}: expected an address of its side, found ${quoteForMessage(JSON.stringify(address))}`,
  );
}
