// The file of a microVM: what the presets and defaults make of it, what does not fit, and what `plan` says of it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readMicroVmFile } from "../../../src/adapters/firecracker/config-file.ts";
import { Desk } from "../../support/cli.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** A desk with `vm.toml`. */
function deskWith(text: string): Desk {
  const desk = new Desk(1);
  desks.push(desk);
  writeFileSync(join(desk.folder, "vm.toml"), text);
  return desk;
}

const read = async (text: string) => await readMicroVmFile(join(deskWith(text).folder, "vm.toml"));

test("FreeBSD's preset names the root disk, one vCPU, the stock image's network and user", async () => {
  const vm = await read('preset = "freebsd"\nkernel = "k"\nrootfs = "d"\n');
  expect(vm).toMatchObject({
    guest: "freebsd",
    boot_args: "vfs.root.mountfrom=ufs:/dev/vtbd0",
    vcpus: 1,
    network: { address: "10.0.0.2", gateway: "10.0.0.1", prefix: 16 },
    ssh: { user: "freebsd", port: 22 },
  });
  expect(vm.network?.mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
});

test("Linux' preset lets a panic end the guest, with arguments of the user's behind; no network is assumed", async () => {
  const vm = await read('kernel = "k"\nboot_args = "quiet ip=10.0.0.2"\n');
  expect(vm.boot_args).toBe("console=ttyS0 reboot=k panic=-1 quiet ip=10.0.0.2");
  expect(vm).toMatchObject({ guest: "linux", vcpus: 1, memory_mib: 512, ssh: { user: "root" } });
  expect(vm.network).toBeUndefined();
});

test("all settings of the page are taken, and paths are relative to the file", async () => {
  const desk = deskWith(`preset = "linux"
binary = "./fc"
kernel = "k"
initrd = "i"
rootfs = "d"
read_only = true
vcpus = 4
memory_mib = 64
smt = true
huge_pages = "2M"
cpu_template = "t.json"
timeout_s = 9
[network]
address = "172.16.0.2"
gateway = "172.16.0.1"
prefix = 30
mac = "06:00:AC:10:00:02"
tap = "tap7"
[ssh]
user = "me"
key = "id"
port = 2222
[jailer]
binary = "./jailer"
uid = 5
gid = 6
`);
  const at = (name: string) => join(desk.folder, name);
  const vm = await readMicroVmFile(at("vm.toml"));
  const { added: _added, ...others } = vm;
  expect(others).toEqual({
    guest: "linux",
    binary: at("fc"),
    jailer: { binary: at("jailer"), uid: 5, gid: 6 },
    kernel: at("k"),
    initrd: at("i"),
    rootfs: { path: at("d"), read_only: true },
    vcpus: 4,
    memory_mib: 64,
    smt: true,
    huge_pages: "2M",
    cpu_template: at("t.json"),
    boot_args: "console=ttyS0 reboot=k panic=-1",
    network: { address: "172.16.0.2", gateway: "172.16.0.1", prefix: 30, mac: "06:00:AC:10:00:02", tap: "tap7" },
    ssh: { user: "me", port: 2222, key: at("id") },
    timeout_s: 9,
  });
});

for (const [what, text, expected] of [
  ["no kernel", "", "kernel: expected a value, got none"],
  ["no TOML", "kernel = k", "expected TOML"],
  ["a preset that there is not", 'preset = "plan9"\nkernel = "k"', 'preset: expected linux or freebsd, got "plan9"'],
  ["33 vCPUs", 'kernel = "k"\nvcpus = 33', "vcpus: expected a whole number from 1 to 32, got 33"],
  ["pages of 1G", 'kernel = "k"\nhuge_pages = "1G"', 'huge_pages: expected "2M", got "1G"'],
  ["arguments on two lines", 'kernel = "k"\nboot_args = "a\\nb"', "boot_args: expected printable ASCII on one line"],
  [
    "an address without a gateway",
    'kernel = "k"\n[network]\naddress = "10.0.0.2"',
    "network: expected address, the guest's, and gateway",
  ],
  [
    "two networks",
    'kernel = "k"\n[network]\naddress = "10.0.0.2"\ngateway = "10.0.1.1"',
    "expected 10.0.0.2 and 10.0.1.1 in one network of /24",
  ],
  [
    "a tap's name that is too long",
    'kernel = "k"\n[network]\ntap = "sixteen-letters-"',
    "network.tap: expected a device's name of at most 15 characters",
  ],
  [
    "a multicast MAC",
    'kernel = "k"\n[network]\nmac = "01:00:00:00:00:02"',
    "network.mac: expected a local unicast MAC address",
  ],
  ["root as the jail's user", 'kernel = "k"\n[jailer]\nuid = 0\ngid = 5', "jailer.uid: expected a whole number from 1"],
  [
    "an ssh user with an option in it",
    'kernel = "k"\n[ssh]\nuser = "-oProxyCommand"',
    "ssh.user: expected a user's name",
  ],
] as const)
  test(`${what} is one error that names the file and the setting`, async () => {
    const failed = await read(text).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "USAGE" });
    expect((failed as Error).message).toMatch(/vm\.toml:/);
    expect((failed as Error).message).toContain(expected);
  });

test.skipIf(noFirecracker !== undefined)(
  `plan says what the preset adds, and launches nothing${noFirecracker === undefined ? "" : ` [${noFirecracker}]`}`,
  async () => {
    const { firecracker, toy } = firecrackerLab();
    const desk = deskWith(`preset = "freebsd"\nkernel = "${toy}"\nbinary = "${firecracker}"\n`);
    const { stdout, status } = await desk.run(["plan", "firecracker:vm.toml", "--suite", "hashes/md5/openssl-evp"]);
    const said = stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain("firecracker:vm.toml: microVM of 1 vCPU, 512 MiB, kernel toy.elf, booted on this computer");
    expect(said).toContain("boot_args: vfs.root.mountfrom=ufs:/dev/vtbd0; one vCPU unless the file says more");
    expect(said).toContain("needs a PVH note and Firecracker 1.12 or later");
    expect(status).toBe(0);
    expect(desk.runs()).toEqual([]);
  },
);
