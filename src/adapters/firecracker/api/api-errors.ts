// Translates Firecracker's errors to messages for the user, with its own text behind them.
//
// Firecracker's texts end in the system's words, which differ from one C library to the next: the beginning and
// `os error N` are compared, nothing else.

import { defined } from "../../../domain/defined.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import type { MicroVm } from "../../../domain/microvm/microvm.ts";
import { printable } from "../../../domain/printable.ts";
import { ApiFault, type ApiRequest } from "./api-client.ts";

interface KnownFault {
  readonly pattern: RegExp;
  /** Absent: whatever was asked. */
  readonly asked?: ApiRequest;
  readonly say: (vm: MicroVm, fault: string) => string;
  readonly hint?: string;
}

const kvmHint = "give the user the right to it: usermod -aG kvm USER, or setfacl -m u:USER:rw /dev/kvm";

const known: readonly KnownFault[] = [
  {
    pattern: /^/,
    asked: "PUT /cpu-config",
    say: ({ cpu_template }) => `cpu_template ${cpu_template ?? ""}: Firecracker does not take it`,
  },
  {
    pattern: /^Boot source error: The kernel file cannot be opened/,
    say: ({ kernel }, fault) =>
      `kernel ${kernel}: cannot be opened${osError(fault) === 13 ? ": no right to read it" : ""}`,
  },
  {
    pattern: /kernel command line is invalid|cmdline/i,
    say: ({ boot_args }) =>
      `boot_args: expected at most 2048 bytes with what Firecracker appends, got ${Buffer.byteLength(boot_args)}`,
  },
  { pattern: /initrd/i, say: ({ initrd }) => `initrd ${initrd ?? ""}: Firecracker cannot use it` },
  {
    pattern: /Invalid Elf magic number|Unable to read elf header/,
    say: ({ kernel }) => `kernel ${kernel}: expected an uncompressed ELF kernel (vmlinux), got something else`,
    hint: "a distribution's vmlinuz is compressed: unpack it with extract-vmlinux of the kernel's source",
  },
  {
    pattern: /Invalid program header size/,
    say: ({ kernel }) => `kernel ${kernel}: expected a 64-bit ELF kernel, got another`,
  },
  {
    pattern: /Unable to read (program header|kernel image)/,
    say: ({ kernel, memory_mib, huge_pages }) =>
      `kernel ${kernel}: it is cut short, or does not fit into ${memory_mib} MiB${huge_pages === undefined ? "" : " of 2M pages"}`,
    hint: "compare its size with the original's; 2M pages need a pool: sysctl vm.nr_hugepages",
  },
  {
    pattern: /^Machine config error: The number of vCPUs/,
    say: ({ vcpus, smt }) =>
      `vcpus: expected 1 or an even number up to 32${smt ? " with smt" : ""}, got ${vcpus}${smt ? "" : " without smt"}`,
  },
  {
    pattern: /^Machine config error: The memory size/,
    say: ({ memory_mib, huge_pages }) =>
      `memory_mib: expected a multiple of the page size${huge_pages === undefined ? "" : " of 2 MiB"}, got ${memory_mib}`,
  },
  {
    pattern: /Cannot create mmap region.*os error 12/s,
    say: ({ memory_mib, huge_pages }) =>
      `memory_mib = ${memory_mib}: the computer does not have that much${huge_pages === undefined ? "" : " in 2M pages"}`,
    hint: "ask for less; 2M pages need a pool: sysctl vm.nr_hugepages",
  },
  {
    pattern: /^Drive config error: Unable to create the virtio block device/,
    say: ({ rootfs }, fault) =>
      `rootfs ${rootfs?.path ?? ""}: ${osError(fault) === 13 ? "no right to open it" : osError(fault) === 2 ? "it is not there" : "Firecracker cannot open it"}`,
  },
  {
    pattern: /Open tap device failed:.*os error 16/s,
    say: ({ network }) => `tap ${network?.tap ?? "tap0"}: it is taken by another process`,
    hint: "end the microVM that uses it, or leave out network.tap: then one is made",
  },
  {
    pattern: /Open tap device failed:.*os error 1\b/s,
    say: ({ network }) => `tap ${network?.tap ?? "tap0"}: it belongs to another user`,
    hint: "make one of your own: ip tuntap add dev NAME mode tap user USER",
  },
  {
    pattern: /Open tap device failed: Invalid interface name/,
    say: ({ network }) => `tap ${network?.tap ?? "tap0"}: expected at most 15 characters`,
  },
  {
    pattern: /Error creating KVM object:.*os error 13/s,
    say: () => "/dev/kvm: no right to open it",
    hint: kvmHint,
  },
  {
    pattern: /Error creating KVM object:.*os error 2\b/s,
    say: () => "/dev/kvm: it is not there: this computer cannot run microVMs",
    hint: "on EC2 take a .metal type; elsewhere enable virtualisation in the firmware, then modprobe kvm_intel or kvm_amd",
  },
  {
    pattern: /cpu.?(config|template)/i,
    say: ({ cpu_template }) => `cpu_template ${cpu_template ?? ""}: Firecracker does not take it`,
  },
  {
    pattern: /^Invalid request method and\/or path|unknown field/,
    say: () => "this version of Firecracker does not know a setting of the file",
    hint: "timetrial knows 1.12 to 1.16: update Firecracker, or leave the setting out",
  },
];

/** `error` of the API for the user, with Firecracker's own text behind our sentence. Other errors are returned as they are. */
export function explainFault(error: unknown, vm: MicroVm): unknown {
  if (!(error instanceof ApiFault)) return error;
  const { fault } = error;
  const found = known.find(
    ({ pattern, asked }) => (asked === undefined || asked === error.asked) && pattern.test(fault),
  );
  const own = printable(fault).slice(0, 400);
  const message =
    found === undefined
      ? `Firecracker refused ${error.asked}: ${own}`
      : `${found.say(vm, fault)} (Firecracker: ${own})`;
  return new TimetrialError("REFUSED", message, {
    cause: error,
    ...defined({ hint: found?.hint }),
  });
}

/** The number of the system's error in `fault`; undefined where it names none. */
function osError(fault: string): number | undefined {
  const number = /\(os error (\d+)\)/.exec(fault)?.[1];
  return number === undefined ? undefined : Number(number);
}
