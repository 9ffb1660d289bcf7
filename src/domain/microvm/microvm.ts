// A microVM as its TOML file describes it, after presets and defaults: what Firecracker is asked for, how the guest is
// reached, and what a record says about the program that ran it.

import * as v from "valibot";

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The schema of one microVM. All paths are absolute. */
export const microVmSchema = v.strictObject({
  /** What the preset added, one sentence each, for `plan`. */
  added: v.array(text),
  guest: v.picklist(["linux", "freebsd"]),
  binary: text,
  jailer: v.exactOptional(v.strictObject({ binary: text, uid: count, gid: count })),
  kernel: text,
  initrd: v.exactOptional(text),
  rootfs: v.exactOptional(v.strictObject({ path: text, read_only: v.boolean() })),
  vcpus: count,
  memory_mib: count,
  smt: v.boolean(),
  huge_pages: v.exactOptional(v.literal("2M")),
  /** The path of a custom CPU template, the body of PUT /cpu-config. */
  cpu_template: v.exactOptional(text),
  boot_args: text,
  network: v.exactOptional(
    v.strictObject({
      /** The guest's own IPv4 address. */
      address: text,
      /** The host's address on the guest's network. */
      gateway: text,
      prefix: v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(30)),
      mac: text,
      /** A tap that exists. Absent: one is made in a network namespace, and goes with it. */
      tap: v.exactOptional(text),
    }),
  ),
  ssh: v.strictObject({ user: text, port: count, key: v.exactOptional(text) }),
  /** The longest that the guest is waited for, from its start to an open ssh port. Seconds. */
  timeout_s: count,
});

/** A microVM as its TOML file describes it: kernel, root file system, vCPUs, memory. */
export type MicroVm = Readonly<v.InferOutput<typeof microVmSchema>>;

/** The schema of what facts and records say about the microVM that a machine is. */
export const microVmFactsSchema = v.object({
  /** Unique on the host: `fc-` and 10 hexadecimal digits. */
  id: text,
  /** As the program itself says it: `Firecracker 1.12.1`. */
  vmm: text,
  /** Host name of the computer that it runs on. */
  host: text,
  /** The kernel's boot id of that computer: machines with one id take turns. */
  host_id: text,
  /** Set where the host's KVM emulates instructions: times in the guest say nothing about the CPU. */
  emulated: v.exactOptional(text),
});

/** What facts.json says of a microVM: its VMM, and whether its instructions are emulated. */
export type MicroVmFacts = Readonly<v.InferOutput<typeof microVmFactsSchema>>;

/** The shape of a microVM's id. */
export const microVmId: RegExp = /^fc-[0-9a-f]{10}$/;

/** The microVM on one line, for plans: `2 vCPUs, 512 MiB, kernel vmlinux`. */
export function describeMicroVm({ vcpus, memory_mib, kernel, huge_pages, jailer }: MicroVm): string {
  const parts = [
    `${vcpus} ${vcpus === 1 ? "vCPU" : "vCPUs"}`,
    `${memory_mib} MiB`,
    `kernel ${kernel.replace(/^.*\//, "")}`,
    ...(huge_pages === undefined ? [] : ["2M pages"]),
    ...(jailer === undefined ? [] : ["jailed"]),
  ];
  return `microVM of ${parts.join(", ")}`;
}
