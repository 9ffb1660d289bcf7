// microVMs as machines of a run: booted when they are wanted, reached by ssh from within their own network namespace,
// ended with the run. A microVM dies with the client that booted it: `resume` boots others.

import { setTimeout as wait } from "node:timers/promises";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Address } from "../../domain/run/machine.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import { fileNameOfSide, type Side } from "../../domain/plan/side.ts";
import { join } from "node:path";
import type { Clock } from "../../ports/clock.ts";
import type { AcquiredMachine, ProvisionOrder, Provisioner } from "../../ports/cloud/provisioner.ts";
import type { Transport } from "../../ports/transport.ts";
import { Host } from "./host.ts";
import { bootMicroVm, type RunningMicroVm } from "./microvm.ts";
import { proveMicroVmsGone, releaseMicroVms } from "./release.ts";
import { microVmFolder, newMicroVmId } from "./state-folder.ts";

type MicroVmSide = Extract<Side, { kind: "firecracker" }> & { readonly vm: MicroVm };

/** Between two attempts to log in. Seconds. */
const knock_s = 0.25;

/**
 * Boots microVMs of this computer for `firecracker:` sides, and ends them. `ssh`: how the guests are reached.
 *
 * @example
 * import { firecrackerProvisioner, sshMachines, systemClock } from "timetrial/adapters";
 *
 * export const provisioner = firecrackerProvisioner(systemClock, sshMachines(systemClock).transport);
 */
export function firecrackerProvisioner(clock: Clock, ssh: Transport): Provisioner {
  const host = new Host(clock);
  const running = new Map<string, RunningMicroVm>();
  return {
    kinds: ["firecracker"],
    check: async ({ sides, signal }) => {
      for (const { name, vm } of microVmSides(sides)) {
        if (vm.network === undefined)
          throw new TimetrialError("USAGE", `${name}: suites are run over ssh: expected a network, got none`, {
            hint: 'add to the file: [network], address = "10.0.0.2", gateway = "10.0.0.1"',
          });
        await host.check(vm, { isRouted: false }, signal);
      }
    },
    acquire: async (order) => {
      const acquired: AcquiredMachine[] = [];
      for (const side of microVmSides(order.sides)) {
        const wanted = order.missing === undefined ? { count: 1, from: 1 } : order.missing.get(side.name);
        for (let n = 0; n < (wanted?.count ?? 0); n++)
          acquired.push(await acquire(order, side, (wanted?.from ?? 1) + n));
      }
      return acquired;
    },
    recover: async (order) => {
      await releaseMicroVms(order);
      return [];
    },
    release: async (order) => {
      const ended: string[] = [];
      for (const [id, one] of running) if (await one.end()) ended.push(id);
      for (const id of ended) running.delete(id);
      if (ended.length > 0) {
        order.observe({ what: "releasing", count: ended.length });
        await order.ledger.write({ kind: "microvm-ended", ids: ended });
      }
      await releaseMicroVms(order);
    },
    absence: async ({ ledger }) => await proveMicroVmsGone(ledger),
  };

  async function acquire(order: ProvisionOrder, side: MicroVmSide, number: number): Promise<AcquiredMachine> {
    const { plan, ledger, observe, signal } = order;
    const { vm, name } = side;
    const began_s = clock.monotonic_s();
    const id = newMicroVmId();
    await ledger.write({ kind: "microvm", id, side: name, folder: id, host: host.name });
    observe({ what: "launching", side: name, count: 1, type: "microVM", zone: host.name });
    const folder = await microVmFolder(id);
    const one = await bootMicroVm(
      { vm, id, folder, isRouted: false, clock, owner: { run: plan.run, side: name } },
      signal,
    );
    running.set(id, one);
    const address = addressOf(one, join(folder, "known_hosts"));
    await waitForSsh(one, address, ssh, clock, signal);
    const machine = { name: `${fileNameOfSide(name)}-${number}`, side: name, address };
    observe({ what: "machine-ready", machine, after_s: clock.monotonic_s() - began_s });
    return { machine, microvm: await host.facts(vm, id) };
  }
}

function microVmSides(sides: readonly Side[]): MicroVmSide[] {
  return sides.flatMap((side) => {
    if (side.kind !== "firecracker") return [];
    if (side.vm === undefined) throw new RangeError(`nobody read ${side.file}`);
    return [{ ...side, vm: side.vm }];
  });
}

function addressOf(one: RunningMicroVm, known_hosts: string): Extract<Address, { kind: "ssh" }> {
  const { ssh, network } = one.vm;
  return {
    kind: "ssh",
    user: ssh.user,
    host: network?.address ?? "",
    port: ssh.port,
    known_hosts,
    ...defined({ key: ssh.key }),
    ...(network?.tap === undefined ? { namespace_of: one.namespaceOf } : {}),
  };
}

/** Resolves when ssh to the guest works. @throws TimetrialError MACHINE_LOST with the console's last lines, REFUSED where ssh will never work */
async function waitForSsh(
  one: RunningMicroVm,
  address: Address,
  ssh: Transport,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { timeout_s, ssh: login } = one.vm;
  const until_s = clock.monotonic_s() + timeout_s;
  for (;;) {
    signal.throwIfAborted();
    try {
      await ssh.exec(address, ":", { limit_s: Math.max(1, Math.min(15, until_s - clock.monotonic_s())), signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      const reason = one.deathSoFar();
      const last = one.console.lastLines();
      const consoleText = last === "" ? "its console said nothing" : `its console said last: ${last}`;
      if (reason !== undefined) throw new TimetrialError("MACHINE_LOST", `${one.id}: ${reason}`, { cause: error });
      if (!(error instanceof TimetrialError) || error.code === "REFUSED") throw error;
      if (clock.monotonic_s() > until_s)
        throw new TimetrialError(
          "MACHINE_LOST",
          `${one.id}: port ${login.port} let nobody in within ${timeout_s} s (${error.message}); ${consoleText}`,
          {
            cause: error,
            hint: "is sshd started in the guest, at the address that the file names? timeout_s waits longer",
          },
        );
      await wait(knock_s * 1000);
    }
  }
}
