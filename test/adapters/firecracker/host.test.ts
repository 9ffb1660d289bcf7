// Computers that lack something: /dev/kvm, the right to it, a place to write, a pool of pages, a free tap, root. Each is
// this computer in namespaces of its own, with the real Firecracker and a toy guest.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { findMicroVms } from "../../../src/adapters/firecracker/release.ts";
import { Desk } from "../../support/cli.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";
import {
  asOtherUser,
  forbiddenKvm,
  inNamespaces,
  withoutKvm,
  withTakenTap,
  withTap,
} from "../../support/namespaces.ts";

const real = test.skipIf(noFirecracker !== undefined);
const said = noFirecracker === undefined ? "" : ` [${noFirecracker}]`;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** A desk with toy.toml, and 4 MB in `disk`. */
function deskWith({
  lines = "",
  tap = "",
  binary,
  kernel,
}: {
  readonly lines?: string;
  readonly tap?: string;
  readonly binary?: string;
  readonly kernel?: string;
}): Desk {
  const desk = new Desk(1);
  desks.push(desk);
  const { firecracker, toy } = firecrackerLab();
  writeFileSync(join(desk.folder, "disk"), Buffer.alloc(4_000_000, "x"));
  writeFileSync(
    join(desk.folder, "toy.toml"),
    `binary = "${binary ?? firecracker}"
kernel = "${kernel ?? toy}"
memory_mib = 64
timeout_s = 30
boot_args = "toy=hello,net net=10.98.0.2:22:1:1"
${lines}
[network]
address = "10.98.0.2"
gateway = "10.98.0.1"
${tap === "" ? "" : `tap = "${tap}"`}
`,
  );
  return desk;
}

const boot = ["boot", "firecracker:toy.toml", "--boots", "1"];
const doctor = ["doctor", "firecracker:toy.toml"];

for (const [what, prepare, settings, expected, hint] of [
  [
    "without /dev/kvm",
    withoutKvm,
    {},
    "/dev/kvm: it is not there: this computer cannot run microVMs",
    "modprobe kvm_intel or kvm_amd",
  ],
  [
    "whose /dev/kvm is forbidden",
    forbiddenKvm,
    {},
    "/dev/kvm: no right to open it",
    "usermod -aG kvm USER, or setfacl -m u:USER:rw /dev/kvm",
  ],
  [
    "where copies of disks cannot be written",
    "mount --bind /var/tmp /var/tmp && mount -o remount,ro,bind /var/tmp",
    { lines: 'rootfs = "disk"' },
    /\/var\/tmp\/timetrial-microvms-0: cannot be used for microVMs: EROFS/,
    "it must be a folder of yours that can be written",
  ],
  [
    "without a pool of 2M pages",
    "mount -t sysfs sys /sys && echo 0 >pool && mount --bind pool /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
    { lines: 'huge_pages = "2M"' },
    "huge_pages: 64 MiB are 32 pages of 2M, 0 are free",
    "sysctl vm.nr_hugepages=32",
  ],
  [
    "whose tap another process has",
    withTap(0) + withTakenTap,
    { tap: "tap7" },
    "tap tap7: another process has it open",
    "end the microVM that uses it",
  ],
  [
    "whose tap is down",
    `${withTap(0)} && ip link set tap7 down`,
    { tap: "tap7" },
    "tap tap7: no route of this computer leads to 10.98.0.2",
    "ip address add 10.98.0.1/24 dev tap7; ip link set tap7 up",
  ],
  [
    "that has no such tap",
    withTap(0),
    { tap: "tap8" },
    "tap tap8: there is no such tap",
    "ip tuntap add dev tap8 mode tap user USER",
  ],
] as const)
  real(`a computer ${what} is refused before anything is made, with what to do${said}`, async () => {
    const desk = deskWith(settings);
    const ended = await inNamespaces(desk, prepare, boot);
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr).toContain(hint);
    expect(ended.status).toBe(4);
    expect(desk.runs()).toEqual([]);
  });

for (const [what, prepare, settings, expected] of [
  ["/dev/kvm", withoutKvm, {}, /missing +\/dev\/kvm +\/dev\/kvm: it is not there.*; on EC2 take a \.metal type/],
  ["the right to /dev/kvm", forbiddenKvm, {}, /missing +\/dev\/kvm +\/dev\/kvm: no right to open it; usermod/],
  [
    "a free tap",
    withTap(0) + withTakenTap,
    { tap: "tap7" },
    /missing +network +tap tap7: another process has it open; end the microVM/,
  ],
] as const)
  real(`doctor says that ${what} is missing, and what to do${said}`, async () => {
    const ended = await inNamespaces(deskWith(settings), prepare, doctor);
    expect(ended.stdout).toMatch(expected);
    expect(ended.status).toBe(4);
  });

/** What became of the only boot of `desk`, and that nothing of it is left. */
async function onlyBoot(desk: Desk): Promise<{ status: string; reason?: string }> {
  const begun = desk.lines<{ kind: string; id: string }>("ledger.ndjson").filter(({ kind }) => kind === "microvm");
  const there = await findMicroVms();
  expect(begun.filter(({ id }) => there.has(id))).toEqual([]);
  const records = desk.lines<{ status: string; reason: string }>("boots.ndjson");
  expect(records).toHaveLength(1);
  return records[0] as { status: string; reason?: string };
}

real(`a disk that does not fit where copies go is told by its name, and nothing is left${said}`, async () => {
  const desk = deskWith({ lines: 'rootfs = "disk"' });
  const ended = await inNamespaces(desk, "mount -t tmpfs -o size=2m tmpfs /var/tmp", boot, "echo left: /var/tmp/*/*");
  expect((await onlyBoot(desk)).reason).toMatch(/disk: cannot be copied: .*No space left on device/);
  expect(ended.stderr).toContain("left: /var/tmp/*/*");
  expect(ended.stderr).toContain("timetrial doctor firecracker:FILE.toml says what this computer lacks");
  expect(ended.status).toBe(5);
});

real(
  `a tap that another process takes at the last moment is told in Firecracker's words behind ours${said}`,
  async () => {
    const desk = deskWith({ tap: "tap7" });
    // Down, it does not say that it is taken.
    await inNamespaces(
      desk,
      `${withTap(0)} && ip link set tap7 down && ip route add 10.98.0.0/24 dev lo${withTakenTap}`,
      boot,
    );
    expect((await onlyBoot(desk)).reason).toMatch(
      /^tap tap7: it is taken by another process \(Firecracker: .*os error 16/,
    );
  },
);

real(`a guest boots on a tap that exists, which stays${said}`, async () => {
  const desk = deskWith({ tap: "tap7" });
  const ended = await inNamespaces(desk, withTap(0), boot, "ip -o link show");
  expect(ended.stderr).toContain("tap7");
  expect(ended.status).toBe(0);
  expect((await onlyBoot(desk)).status).toBe("completed");
});

real(
  `without root a guest boots on a tap of the user's, and a tap of its own is refused with what to do${said}`,
  async () => {
    const { firecracker, toy } = firecrackerLab();
    const desk = deskWith({ tap: "tap7", binary: "other/programs/firecracker", kernel: "toy.elf" });
    const prepare = `cp ${toy} toy.elf && chmod 644 toy.elf && mount -t tmpfs -o mode=1777 tmpfs /var/tmp
${withTap(12_345)}
${asOtherUser(dirname(firecracker))}`;
    const left =
      "ls -A /var/tmp/timetrial-microvms-1234[5]; grep -ls timetrial-microvms-1234[5] /proc/[0-9]*/cmdline || :";
    const ended = await inNamespaces(desk, prepare, boot, left);
    expect(ended.stderr).not.toContain("failed");
    expect(ended.stderr).not.toMatch(/fc-|\/proc/);
    expect(ended.status).toBe(0);
    expect((await onlyBoot(desk)).status).toBe("completed");
    const own = deskWith({ binary: "other/programs/firecracker", kernel: "toy.elf" });
    const refused = await inNamespaces(own, prepare, boot);
    expect(refused.stderr).toContain("network: a tap of its own needs root");
    expect(refused.stderr).toContain('sudo ip tuntap add dev tap0 mode tap user "$USER"; network.tap = "tap0"');
    expect(refused.status).toBe(4);
  },
);
