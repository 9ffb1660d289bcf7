// Firecracker's refusals as the user reads them: our sentence, then its own. The texts are those that 1.12.1 gave.

import { expect, test } from "vitest";
import { ApiFault, type ApiRequest } from "../../../src/adapters/firecracker/api/api-client.ts";
import { explainFault } from "../../../src/adapters/firecracker/api/api-errors.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import type { MicroVm } from "../../../src/domain/microvm/microvm.ts";

const vm: MicroVm = {
  added: [],
  guest: "linux",
  binary: "/fc",
  kernel: "/k/vmlinux",
  initrd: "/k/initrd",
  rootfs: { path: "/k/disk", read_only: false },
  cpu_template: "/k/template.json",
  vcpus: 3,
  memory_mib: 63,
  smt: true,
  huge_pages: "2M",
  boot_args: "console=ttyS0",
  network: { address: "10.0.0.2", gateway: "10.0.0.1", prefix: 24, mac: "02:00:00:00:00:02", tap: "tap7" },
  ssh: { user: "root", port: 22 },
  timeout_s: 60,
};

const load =
  "Start microvm error: System configuration error: Cannot load kernel due to invalid memory configuration or invalid kernel image: Kernel Loader: failed to load ELF kernel image: Kernel Loader: ";
const disk =
  "Drive config error: Unable to create the virtio block device: Virtio backend error: Error manipulating the backing file: ";
const tap = "Network config error: Could not create the network device: Open tap device failed: ";
const body = "An error occurred when deserializing the json body of a request: ";

for (const [asked, fault, message, hint] of [
  [
    "PUT /boot-source",
    "Boot source error: The kernel file cannot be opened: No such file or directory (os error 2)",
    "kernel /k/vmlinux: cannot be opened",
  ],
  [
    "PUT /boot-source",
    "Boot source error: The kernel file cannot be opened: Permission denied (os error 13)",
    "kernel /k/vmlinux: cannot be opened: no right to read it",
  ],
  [
    "PUT /boot-source",
    "Boot source error: The initrd file cannot be opened due to invalid path or invalid permissions. No such file or directory (os error 2)",
    "initrd /k/initrd: Firecracker cannot use it",
  ],
  [
    "PUT /boot-source",
    "Boot source error: The kernel command line is invalid: Invalid cmdline capacity provided.",
    "boot_args: expected at most 2048 bytes with what Firecracker appends, got 13",
  ],
  [
    "PUT /actions",
    `${load}Invalid Elf magic number`,
    "kernel /k/vmlinux: expected an uncompressed ELF kernel",
    "extract-vmlinux",
  ],
  ["PUT /actions", `${load}Unable to read elf header`, "kernel /k/vmlinux: expected an uncompressed ELF kernel"],
  ["PUT /actions", `${load}Invalid program header size`, "kernel /k/vmlinux: expected a 64-bit ELF kernel"],
  ["PUT /actions", `${load}Unable to read program header`, "kernel /k/vmlinux: it is cut short, or does not fit"],
  [
    "PUT /actions",
    `${load}Unable to read kernel image`,
    "kernel /k/vmlinux: it is cut short, or does not fit into 63 MiB of 2M pages",
    "vm.nr_hugepages",
  ],
  [
    "PUT /machine-config",
    "Machine config error: The number of vCPUs must be greater than 0, less than 32 and must be 1 or an even number if SMT is enabled.",
    "vcpus: expected 1 or an even number up to 32 with smt, got 3",
  ],
  [
    "PUT /machine-config",
    "Machine config error: The memory size (MiB) is either 0, or not a multiple of the configured page size.",
    "memory_mib: expected a multiple of the page size of 2 MiB, got 63",
  ],
  [
    "PUT /actions",
    "Start microvm error: System configuration error: Cannot create mmap region: Cannot allocate memory (os error 12)",
    "memory_mib = 63: the computer does not have that much in 2M pages",
    "ask for less",
  ],
  ["PUT /drives", `${disk}No such file or directory (os error 2) /k/disk`, "rootfs /k/disk: it is not there"],
  ["PUT /drives", `${disk}Permission denied (os error 13) /k/disk`, "rootfs /k/disk: no right to open it"],
  [
    "PUT /network-interfaces",
    `${tap}Error while creating ifreq structure: Device or resource busy (os error 16). Invalid TUN/TAP Backend provided by TAP.`,
    "tap tap7: it is taken by another process",
    "end the microVM",
  ],
  [
    "PUT /network-interfaces",
    `${tap}Error while creating ifreq structure: Operation not permitted (os error 1). Invalid TUN/TAP Backend provided by TAP.`,
    "tap tap7: it belongs to another user",
    "ip tuntap add",
  ],
  ["PUT /network-interfaces", `${tap}Invalid interface name`, "tap tap7: expected at most 15 characters"],
  [
    "PUT /actions",
    "Start microvm error: Kvm error: Error creating KVM object: Permission denied (os error 13) Make sure the user launching the firecracker process is \\\nconfigured on the /dev/kvm file's ACL.",
    "/dev/kvm: no right to open it",
    "usermod -aG kvm",
  ],
  [
    "PUT /actions",
    "Start microvm error: Kvm error: Error creating KVM object: No such file or directory (os error 2)",
    "/dev/kvm: it is not there",
    "modprobe",
  ],
  [
    "PUT /cpu-config",
    `${body}unknown field \`x\`, expected one of \`kvm_capabilities\`, \`cpuid_modifiers\`, \`msr_modifiers\` at line 1 column 4.`,
    "cpu_template /k/template.json: Firecracker does not take it",
  ],
  [
    "PUT /machine-config",
    `${body}unknown field \`huge_pages\`, expected one of \`vcpu_count\`, \`mem_size_mib\` at line 1 column 49.`,
    "this version of Firecracker does not know a setting of the file",
    "update Firecracker",
  ],
  [
    "PUT /entropy",
    "Invalid request method and/or path: PUT entropy.",
    "this version of Firecracker does not know a setting of the file",
  ],
  [
    "PUT /actions",
    "Start microvm error: Cannot start microvm without kernel configuration.",
    "Firecracker refused PUT /actions: Start microvm error: Cannot start",
  ],
] as const satisfies readonly (readonly [ApiRequest, string, string, string?])[])
  test(`${asked} refused with "${fault.slice(-60)}" is told by our sentence and Firecracker's`, () => {
    const told = explainFault(new ApiFault(asked, 400, fault), vm);
    expect(told).toBeInstanceOf(TimetrialError);
    expect(told).toMatchObject({ code: "REFUSED" });
    expect((told as TimetrialError).message.startsWith(message)).toBe(true);
    expect((told as TimetrialError).message).toContain(fault.slice(0, 60));
    if (hint !== undefined) expect((told as TimetrialError).hint).toContain(hint);
  });

test("what a refusal says cannot steer the user's terminal", () => {
  const told = explainFault(new ApiFault("PUT /actions", 400, "\u001b[2Jgone"), vm) as TimetrialError;
  expect(told.message).not.toContain("\u001b");
});
