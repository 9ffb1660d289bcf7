// Whether a machine of a stored run has an address of its side: what a run is said to use is what it uses.

import type { Side } from "../plan/side.ts";
import type { Address } from "./machine.ts";

/** Returns whether a machine of `side` may have `address`. The cloud is asked whose an instance is. */
export function isAddressOfSide(address: Address, side: Side): boolean {
  switch (side.kind) {
    case "local":
      return address.kind === "local";
    case "ssh":
      return (
        address.kind === "ssh" &&
        address.known_hosts === undefined &&
        address.namespace_of === undefined &&
        side.hosts.some(
          ({ user, host, port }) => user === address.user && host === address.host && port === address.port,
        )
      );
    case "instances":
      return address.kind === "ssm" && side.ids.includes(address.instance_id);
    case "ec2":
      return address.kind === "ssm";
    case "firecracker":
      return address.kind === "ssh";
    case "published":
      return false;
  }
}
