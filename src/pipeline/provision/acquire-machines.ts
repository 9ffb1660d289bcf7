import type { RunMachine } from "../../domain/run/run-log.ts";
import type { Provisioner, ProvisionOrder } from "../../ports/cloud/provisioner.ts";
import type { RunContext } from "../run/run-context.ts";
import { lifetimeWithinBudget } from "../run/within-budget.ts";

/**
 * Sees to it that the course has all machines of the order's sides: those of before, and others in place of the gone.
 * `wanted`: whether any is needed but those of lots.
 */
export async function machinesInHand(
  errand: RunContext,
  provisioner: Provisioner,
  order: ProvisionOrder,
  wanted: boolean,
): Promise<void> {
  const { course, observe } = errand;
  const ours = new Set(order.sides.map(({ name }) => name));
  const ofOurs = ({ machine }: RunMachine): boolean => ours.has(machine.side);
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
    ...(provisioner.kinds.includes("ec2") ? await lifetimeWithinBudget(errand) : {}),
    ...(missing.size === 0 ? {} : { missing }),
    ...(zone === undefined ? {} : { zone }),
  });
  await course.acquired(added);
}
