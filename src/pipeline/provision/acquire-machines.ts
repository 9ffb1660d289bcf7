// Acquires the machines of a run, or recovers them where it is resumed.

import { defined } from "../../domain/defined.ts";
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
 * `wanted`: whether the run needs machines for rows that are not fresh.
 */
export async function acquireMachines(
  context: Pick<RunContext, "state" | "observe" | "budget">,
  provisioner: Provisioner,
  order: ProvisionOrder,
  wanted: boolean,
): Promise<void> {
  const { state, observe } = context;
  const sideNames = new Set(order.sides.map(({ name }) => name));
  const isOfOrder = ({ machine }: RunMachine): boolean => sideNames.has(machine.side);
  const [before, lots] = [state.machines.filter(isOfOrder), state.lots.filter(isOfOrder)];
  for (const { machine } of [...before, ...lots]) refuseStrangeAddress(machine, order);
  const begun = before.length + lots.length > 0 || (await order.ledger.entries()).length > 0;
  const recovered = begun ? await provisioner.recover(order, [...before, ...lots]) : [];
  const alive = new Set(recovered.map(({ machine }) => machine.name));
  const missing = new Map<string, { count: number; from: number }>();
  for (const { machine } of [...before, ...lots].filter((one) => !alive.has(one.machine.name))) {
    await state.note({ kind: "gone", machine: machine.name, reason: "it was not there when the run was resumed" });
    if (!before.some((one) => one.machine.name === machine.name)) continue;
    observe({ what: "note", text: `${machine.name} is gone: another machine takes its place` });
    const count = (missing.get(machine.side)?.count ?? 0) + 1;
    missing.set(machine.side, { count, from: state.everOf(machine.side) + 1 });
  }
  if (!wanted || (before.length > 0 && missing.size === 0)) return;
  const zone = recovered.find(({ instance }) => instance !== undefined)?.instance?.zone;
  const added = await provisioner.acquire({
    ...order,
    ...(provisioner.kinds.includes("ec2") ? await lifetimeWithinBudget(context) : {}),
    ...(missing.size === 0 ? {} : { missing }),
    ...defined({ zone }),
  });
  await state.acquired(added);
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
