// Boots microVMs to time their boots: each instant is read from the run's clock.

import { basename } from "node:path";
import { defined } from "../../domain/defined.ts";
import type { BootSide } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { BootProvisioner, BootOrder, LaunchedBoot } from "../../ports/cloud/boot-provisioner.ts";
import type { Clock } from "../../ports/clock.ts";
import { Host } from "./host.ts";
import { bootMicroVm, type RunningMicroVm } from "./microvm.ts";
import { proveMicroVmsGone, releaseMicroVms } from "./release.ts";
import { microVmFolder, newMicroVmId } from "./state-folder.ts";

const connection = "a microVM of this computer: started by timetrial, its API a Unix socket, one connection a request";

/**
 * Boots microVMs of this computer to time them: the phases come from the VMM and the guest's console.
 *
 * @example
 * import { firecrackerBootProvisioner, systemClock } from "timetrial/adapters";
 *
 * export const provisioner = firecrackerBootProvisioner(systemClock);
 */
export function firecrackerBootProvisioner(clock: Clock): BootProvisioner {
  const host = new Host(clock);
  const running = new Map<string, RunningMicroVm>();
  const endOne = async (order: Pick<BootOrder, "ledger">, id: string): Promise<void> => {
    const one = running.get(id);
    if (one === undefined) return;
    if (await one.end()) {
      running.delete(id);
      await order.ledger.write({ kind: "microvm-ended", ids: [id] });
    }
  };
  return {
    connection,
    check: async ({ plan, signal }) => {
      for (const { name, vm } of plan.spec.sides) {
        if (vm === undefined) continue;
        if (vm.network === undefined)
          throw new TimetrialError("USAGE", `${name}: a boot ends when a port opens: expected a network, got none`, {
            hint: 'add to the file: [network], address = "10.0.0.2", gateway = "10.0.0.1"',
          });
        await host.check(vm, { isRouted: true }, signal);
      }
    },
    launch: async (order, side) => await launch(order, side),
    running: async (_plan, id) => {
      const one = known(id);
      const address = one.vm.network?.address ?? "";
      const describes = { sent: 0, failed: 0, throttled: 0 };
      const reason = one.deathSoFar();
      if (reason !== undefined) return { reason, describes };
      return { running_at_s: one.instants.started_s, address, describes };
    },
    dying: (id, signal) => known(id).dying(signal),
    online: async () => undefined,
    isOnline: async () => false,
    microVm: async (id) => {
      const one = running.get(id);
      if (one === undefined) return undefined;
      const guest_boot_s = await one.guestBoot_s();
      return {
        facts: await host.facts(one.vm, id),
        start_sent_s: one.instants.start_sent_s,
        ...defined({ console_at_s: one.console.first_at_s, guest_boot_s }),
        lastLines: one.console.lastLines(),
      };
    },
    pictures: async () => ({ count: 0, fault: "a microVM has no screen" }),
    end: endOne,
    release: async (order) => {
      for (const id of running.keys()) await endOne(order, id);
      await releaseMicroVms(order);
    },
    absence: async ({ ledger }) => await proveMicroVmsGone(ledger),
  };

  function known(id: string): RunningMicroVm {
    const one = running.get(id);
    if (one === undefined) throw new RangeError(`${id} is not running`);
    return one;
  }

  async function launch({ plan, ledger, signal }: BootOrder, { name, vm }: BootSide) {
    if (vm === undefined) throw new RangeError(`${name} is no microVM`);
    const place = { image: basename(vm.kernel), zone: host.name };
    const id = newMicroVmId();
    await ledger.write({ kind: "microvm", id, side: name, folder: id, host: host.name });
    try {
      const folder = await microVmFolder(id);
      const one = await bootMicroVm(
        { vm, id, folder, isRouted: true, clock, owner: { run: plan.run, side: name } },
        signal,
      );
      running.set(id, one);
      const { start_s, api_ready_s: called_s } = one.instants;
      return { id, ...place, start_s, called_s, connection } satisfies LaunchedBoot;
    } catch (error) {
      await releaseMicroVms({ ledger });
      if (!(error instanceof TimetrialError)) throw error;
      return { refused: error, ...place };
    }
  }
}
