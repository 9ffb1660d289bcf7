// Combines two boot provisioners, for runs with both EC2 instances and microVMs. Each gets its own machines.

import { microVmId } from "../../domain/microvm/microvm.ts";
import type { ReleaseProof } from "../../domain/run/events.ts";
import type { BootProvisioner } from "../../ports/cloud/boot-provisioner.ts";

/**
 * Returns a provisioner in which `cloud` launches the sides without a microVM, and `local` those with one, whose ids
 * are `fc-…`.
 */
export function mixBootProvisioners(cloud: BootProvisioner, local: BootProvisioner): BootProvisioner {
  const of = (id: string): BootProvisioner => (microVmId.test(id) ? local : cloud);
  return {
    connection: cloud.connection,
    check: async (request) => {
      await local.check(request);
      await cloud.check(request);
    },
    unpriced: () => cloud.unpriced?.() ?? new Map(),
    launch: (order, side, number) => (side.vm === undefined ? cloud : local).launch(order, side, number),
    leaveZone: (order, launched, reason) => of(launched.id).leaveZone?.(order, launched, reason) ?? false,
    running: (plan, id, until_s, signal) => of(id).running(plan, id, until_s, signal),
    dying: (id, signal) => of(id).dying(id, signal),
    online: (id, until_s, signal) => of(id).online(id, until_s, signal),
    isOnline: (id) => of(id).isOnline(id),
    microVm: async (id) => await of(id).microVm?.(id),
    pictures: (id, name, signal) => of(id).pictures(id, name, signal),
    end: (order, id) => of(id).end(order, id),
    release: async (order) => {
      // A failure of one must not stop the other's release.
      const ended = await Promise.allSettled([local.release(order), cloud.release(order)]);
      const failed = ended.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
    absence: async (order) => worse(await cloud.absence(order), await local.absence(order)),
  };
}

const severity: Readonly<Record<ReleaseProof["state"], number>> = { "nothing-leased": 0, none: 1, kept: 2, left: 3 };

function worse(one: ReleaseProof, other: ReleaseProof): ReleaseProof {
  return severity[other.state] > severity[one.state] ? other : one;
}
