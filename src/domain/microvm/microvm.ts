// A microVM as its TOML file describes it, after presets and defaults: its Firecracker configuration, how to reach the
// guest, and the facts about its VMM that records hold.

import * as v from "valibot";
import { text } from "../schema.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The schema of one microVM. All paths are absolute. */
export const microVmSchema = v.strictObject({
  /** The settings that the preset added, one sentence each, for `plan`. */
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
      /**
       * An existing tap. Absent: the run creates one in a network namespace of its own, which is removed afterwards.
       */
      tap: v.exactOptional(text),
    }),
  ),
  ssh: v.strictObject({ user: text, port: count, key: v.exactOptional(text) }),
  /** The longest wait from the guest's start to its open ssh port. Seconds. */
  timeout_s: count,
});

/** A microVM as its TOML file describes it: kernel, root file system, vCPUs, memory. */
export type MicroVm = Readonly<v.InferOutput<typeof microVmSchema>>;

/** The schema of the facts about a microVM, in facts.json and in records. */
export const microVmFactsSchema = v.object({
  /** Unique on the host: `fc-` and 10 hexadecimal digits. */
  id: text,
  /** The version as the program prints it: `Firecracker 1.12.1`. */
  vmm: text,
  /** Host name of the computer that the microVM runs on. */
  host: text,
  /** Boot id of that computer's kernel. Machines with the same id are measured in turns. */
  host_id: text,
  /** Set where the host's KVM emulates instructions: times in the guest then say nothing about the CPU. */
  emulated: v.exactOptional(text),
});

/** The facts about a microVM in facts.json: its VMM, its host, and whether its instructions are emulated. */
export type MicroVmFacts = Readonly<v.InferOutput<typeof microVmFactsSchema>>;

/** The shape of a microVM's id. */
export const microVmId: RegExp = /^fc-[0-9a-f]{10}$/;

/** Describes the microVM on one line, for plans: `2 vCPUs, 512 MiB, kernel vmlinux`. */
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
