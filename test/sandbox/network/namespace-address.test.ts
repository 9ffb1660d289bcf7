// Which addresses the instances of a sandbox with root are given.

import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { unusedNetworks } from "../../../src/sandbox/network/namespace-address.ts";

const at = (address: string): NetworkInterfaceInfo[] => [
  {
    address,
    netmask: "255.255.255.0",
    family: "IPv4",
    mac: "02:00:00:00:00:09",
    internal: false,
    cidr: `${address}/24`,
  },
];

test("no instance gets an address of a network that this computer is in itself: it would never be reached", () => {
  expect(unusedNetworks({ eth0: at("10.0.0.2") })).toEqual(["192.0.2", "198.51.100", "203.0.113"]);
  expect(unusedNetworks({ eth0: at("192.0.2.2") })).toEqual(["198.51.100", "203.0.113"]);
  expect(unusedNetworks({ eth0: at("192.0.2.2"), eth1: at("203.0.113.9") })).toEqual(["198.51.100"]);
});

test("the near ends of other instances' devices are no addresses of its own", () => {
  expect(unusedNetworks({ tt0123456789: at("192.0.2.1") })).toHaveLength(3);
});

test("a computer in all of them is told so", () => {
  const all = { eth0: at("192.0.2.2"), eth1: at("198.51.100.2"), eth2: at("203.0.113.2") };
  expect(() => unusedNetworks(all)).toThrow("this computer has addresses in 192.0.2, 198.51.100, 203.0.113");
});
