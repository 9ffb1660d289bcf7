// Finds which machines share a host, the hardware below them.
//
// Machines know different things about their host: a guest knows only what its launcher declared; a container may see a
// boot id of its own; only root can read a board's identity. So machines count as sharing a host where any of their ids
// agree. A wrong yes costs time and a claim; a wrong no would make a false claim.

import { type Facts, isSandbox, isSimulated } from "./machine.ts";

type HostIds = Pick<Facts, "host_id" | "boot_id" | "board_id">;

/** Returns the host id of each machine. Machines that share a host get the id of the first of them. */
export function sharedHostIds(machines: readonly HostIds[]): string[] {
  const hosts = machines.map((_, i) => i);
  for (const [i, machine] of machines.entries()) {
    for (const [j, other] of machines.slice(0, i).entries()) {
      if (!shareHost(machine, other)) continue;
      const [from, to] = [hosts[i], hosts[j]];
      const least = Math.min(from as number, to as number);
      for (const [k, host] of hosts.entries()) if (host === from || host === to) hosts[k] = least;
    }
  }
  return hosts.map((host) => (machines[host] as HostIds).host_id);
}

/** Whether any of the ids of two machines agree. */
export function shareHost(machine: HostIds, other: HostIds): boolean {
  const board = machine.board_id !== undefined && machine.board_id === other.board_id;
  return board || [machine.host_id, machine.boot_id].some((id) => id === other.host_id || id === other.boot_id);
}

/**
 * Whether no machine of the run that is not seen yet can share a host with this one. A machine that EC2 launches for a run
 * boots a kernel of its own; only those on a dedicated host show that they share it. The sandbox's are this computer.
 */
export function hasOwnHost(facts: Pick<Facts, "instance" | "machine_env" | "capture">): boolean {
  if (facts.instance === undefined || facts.instance.host !== undefined) return false;
  return !isSandbox(facts) || isSimulated(facts);
}
