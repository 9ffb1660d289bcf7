// The fields that a microVM's boot record has beside those of an instance's.

import type { LaunchedBoot, MicroVmBoot } from "../../ports/cloud/boot-provisioner.ts";

interface MicroVmFields {
  /** Why the boot is not complete. */
  reason?: string;
  readonly notes: string[];
  microvm?: MicroVmBoot;
}

/** Adds to `seen` what a microVM's console says, if the boot is not complete, and whether its times are meaningless. */
export function addMicroVm(seen: MicroVmFields, microvm: MicroVmBoot | undefined): void {
  if (microvm === undefined) return;
  seen.microvm = microvm;
  const { facts, lastLines } = microvm;
  if (facts.emulated !== undefined) seen.notes.push(`${facts.emulated} runs the guest: its times mean nothing`);
  if (seen.reason === undefined || seen.reason.includes("its console said")) return;
  const consoleText = lastLines === "" ? "its console said nothing" : `its console said last: ${lastLines}`;
  seen.reason = `${seen.reason.replace(/: it did not boot, or a security group.*$/, "")}; ${consoleText}`;
}

/** Returns the `microvm` field of a record; empty if the machine is not a microVM. */
export function microVmFields({ start_s }: LaunchedBoot, microvm: MicroVmBoot | undefined) {
  if (microvm === undefined) return {};
  const { facts, start_sent_s, console_at_s, guest_boot_s = null } = microvm;
  const console_s = console_at_s === undefined ? null : console_at_s - start_s;
  return { microvm: { ...facts, start_sent_s: start_sent_s - start_s, console_s, guest_boot_s } };
}
