// Which machines share a host: the hardware below.
//
// What a machine can know of it differs: a guest knows nothing of its host but what its launcher declared; a container may
// be shown a boot id of its own; a board's identity is shown to root only. So machines share a host where any of what
// they say agrees. To be said to share one wrongly costs time and a claim; to be said not to wrongly would be a lie.

import type { Facts } from "./machine.ts";

type Said = Pick<Facts, "host_id" | "boot_id" | "board_id">;

/** For each of `machines` the host that it is on: one id for all that share it, the first one's. */
export function sharedHostIds(machines: readonly Said[]): string[] {
  const hosts = machines.map((_, i) => i);
  for (const [i, one] of machines.entries()) {
    for (const [j, other] of machines.slice(0, i).entries()) {
      if (!agree(one, other)) continue;
      const [from, to] = [hosts[i], hosts[j]];
      const least = Math.min(from as number, to as number);
      for (const [k, host] of hosts.entries()) if (host === from || host === to) hosts[k] = least;
    }
  }
  return hosts.map((host) => (machines[host] as Said).host_id);
}

function agree(one: Said, other: Said): boolean {
  const board = one.board_id !== undefined && one.board_id === other.board_id;
  return board || [one.host_id, one.boot_id].some((id) => id === other.host_id || id === other.boot_id);
}
