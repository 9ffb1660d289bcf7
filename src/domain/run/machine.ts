// A machine of a run, its address and its facts.

import * as v from "valibot";
import { count, text } from "../schema.ts";
import type { CloudInstance } from "../cloud/instance.ts";
import type { MicroVmFacts } from "../microvm/microvm.ts";
import { printable } from "../printable.ts";
import { clockRangeField } from "./processor-readings.ts";
import type { SshHost } from "../plan/side.ts";

/** Options of ssh for a machine that the user's own configuration does not know. */
export interface SshExtras {
  /** Path of the private key. */
  readonly key?: string;
  /**
   * Path of the file of host keys. The key of a host that is not in it is accepted and added; a changed key never is.
   */
  readonly known_hosts?: string;
  /** Id of the process whose network namespace ssh runs in. */
  readonly namespace_of?: number;
}

/** How to reach a machine. */
export type Address =
  | { readonly kind: "local" }
  | ({ readonly kind: "ssh" } & SshHost & SshExtras)
  | { readonly kind: "ssm"; readonly instance_id: string; readonly region: string };

/** A computer that a run uses, and its address. */
export interface Machine {
  /** Unique in a run, fit for a file name: `c7g.8xlarge-2`. */
  readonly name: string;
  readonly side: string;
  readonly address: Address;
}

/** An id that a machine says of itself: a short printable text. */
const identity = v.pipe(text, v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{0,200}$/u));

/** The schema of the output of `agent.sh facts`. Unknown members are dropped, since they are not trusted. */
export const factsSchema = v.object({
  t: v.literal("facts"),
  agent: v.literal(1),
  uname: text,
  release: text,
  arch: text,
  os: v.optional(text),
  hostname: v.optional(text),
  uid: count,
  sh: v.optional(text),
  ncpu: v.pipe(count, v.minValue(1)),
  memory_bytes: v.optional(count),
  cpu_model: v.optional(text),
  cpu_flags: v.optional(text),
  /** Clock of the first CPU: its current and its highest frequency. */
  cpu_mhz: v.optional(count),
  cpu_max_mhz: v.optional(count),
  threads_per_core: v.optional(v.pipe(count, v.minValue(1))),
  /** Of the first CPU: `L1d 32K, L1i 32K, L2 1024K, L3 32768K`. */
  caches: v.optional(text),
  /** `glibc 2.36`, `musl 1.2.5`; absent where it is a part of the system. */
  libc: v.optional(text),
  boot_id: identity,
  host_id: identity,
  /** Id of the computer itself, virtual or not, where it can be read: the same in all its containers. */
  board_id: v.optional(text),
  /** What times steps there; `simulated`: nothing does, and no step runs. */
  capture: v.picklist(["cc", "python3", "times", "simulated"]),
  real_resolution_s: v.pipe(v.number(), v.finite(), v.minValue(0)),
  cpu_resolution_s: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Time that the capture itself adds to each real time; absent for the C helper, which adds none. Seconds. */
  capture_fixed_s: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** The least and the greatest clock that was measured on it. Hz; absent where none was, or none that can be. */
  clock_hz: v.fallback(v.optional(clockRangeField), undefined),
  /** Names of the processor's counters that can be read, and what they include; else why there are none. */
  counters: v.optional(text),
  counted: v.optional(text),
  no_counters: v.optional(text),
  machine_env: v.optional(v.record(text, text), {}),
  tools: v.optional(v.record(text, text), {}),
  disk_free_bytes: v.optional(count),
  /** Requested commands and packages that are missing: `command:zstd`, `package:git`. */
  lacks: v.optional(v.array(text), []),
  /** Whether FreeBSD's /firstboot exists: rc removes it at the end of the first boot. */
  first_boot: v.optional(v.boolean()),
  /** State of the user-data of launched machines: `broken` where its process is gone before it was done. */
  user_data: v.optional(v.picklist(["running", "done", "broken"])),
  at: v.optional(text),
});

/** What the agent finds out about a machine. */
export type AgentFacts = Readonly<v.InferOutput<typeof factsSchema>>;

/** Facts of a machine, from the agent, from the suites' setup steps and from the cloud. */
export interface Facts extends AgentFacts {
  /** By suite: the `fact.NAME=VALUE` lines of its setup. */
  readonly suites: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whether it is the computer that timetrial itself runs on, however it is reached. */
  readonly here?: boolean;
  readonly instance?: CloudInstance;
  /** Set where it is a microVM on a host of the user's. */
  readonly microvm?: MicroVmFacts;
}

/** Whether the machine is a simulation of the sandbox's: its times were not measured. */
export function isSimulated({ capture }: Pick<Facts, "capture">): boolean {
  return capture === "simulated";
}

/** Whether the machine belongs to the sandbox: its type is not real, and its times are unless it is simulated. */
export function isSandbox(facts: Pick<Facts, "machine_env">): boolean {
  return facts.machine_env["TIMETRIAL_SANDBOX"] === "1";
}

/**
 * Returns the emulator of a machine that declares one or whose processor shows one: its times say nothing about a CPU.
 */
export function emulatorOf({
  machine_env,
  cpu_model = "",
  microvm,
}: Pick<Facts, "machine_env" | "cpu_model" | "microvm">): string | undefined {
  const declared = machine_env["TIMETRIAL_EMULATED"];
  if (declared !== undefined && declared !== "" && declared !== "0") return printable(declared);
  if (microvm?.emulated !== undefined) return microvm.emulated;
  // QEMU's own processors, which exist under its translator alone (target/i386/cpu.c; target/arm/tcg/cpu64.c, part
  // "Q").
  return /^QEMU TCG CPU\b|^implementer 0x00 part 0x051$/.test(cpu_model) ? "qemu-tcg" : undefined;
}
