// Looks for what microVMs left on this computer, ends it, and proves that nothing is there: by processes, devices and
// folders, never by memory of ours.

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { LedgerState } from "../../domain/cloud/ledger.ts";
import { microVmId } from "../../domain/microvm/microvm.ts";
import type { ReleaseProof } from "../../domain/run/events.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";
import { listMicroVmFolders, microVmsFolder, vethName } from "./state-folder.ts";

/** What is there of one microVM. */
export interface MicroVmLeftover {
  readonly id: string;
  readonly processes: readonly number[];
  readonly hasFolder: boolean;
  readonly hasDevice: boolean;
}

/** All that is there of microVMs of this user, by id. */
export async function findMicroVms(): Promise<ReadonlyMap<string, MicroVmLeftover>> {
  const processes = await microVmProcesses();
  const folders = await listMicroVmFolders();
  const devices = (await readdir("/sys/class/net").catch(() => [])).filter((name) => /^fc[0-9a-f]{10}$/.test(name));
  const ids = new Set([...processes.keys(), ...folders.keys(), ...devices.map((name) => name.replace("fc", "fc-"))]);
  return new Map(
    [...ids].map((id) => [
      id,
      {
        id,
        processes: processes.get(id) ?? [],
        hasFolder: folders.has(id),
        hasDevice: devices.includes(vethName(id)),
      },
    ]),
  );
}

/** Processes whose command line names a microVM's folder: its keeper, namespaces' holders, VMM. None but on Linux. */
async function microVmProcesses(): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  const folder = `${microVmsFolder()}/`;
  const processes = await readdir("/proc").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of processes.filter((one) => /^\d+$/.test(one) && Number(one) !== process.pid)) {
    const words = (await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")).split("\0");
    for (const id of new Set(words.flatMap((word) => idIn(word, folder) ?? [])))
      found.set(id, [...(found.get(id) ?? []), Number(name)]);
  }
  return found;
}

function idIn(word: string, folder: string): string | undefined {
  const at = word.indexOf(folder);
  const id = at === -1 ? "" : word.slice(at + folder.length).split("/")[0];
  return id !== undefined && microVmId.test(id) ? id : undefined;
}

/** Ends microVM `id` with all that is left of it; whether it is gone. */
export async function endMicroVm(id: string): Promise<boolean> {
  if (!microVmId.test(id)) throw new RangeError("not the id of a microVM");
  for (let tries = 0; tries < 50; tries++) {
    const left = (await findMicroVms()).get(id);
    if (left === undefined) return true;
    for (const pid of left.processes) kill(pid);
    if (left.processes.length === 0) {
      if (left.hasDevice)
        await promisify(execFile)("ip", ["link", "delete", vethName(id)], { env: systemPath }).catch(() => {});
      await promisify(execFile)("rm", ["-rf", "--", join(microVmsFolder(), id)]).catch(() => {});
    }
    await wait(20);
  }
  return !(await findMicroVms()).has(id);
}

const systemPath = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Ends every microVM that the ledger knows as begun and not ended. */
export async function releaseMicroVms({ ledger }: { readonly ledger: Ledger }): Promise<void> {
  const ids = LedgerState.of(await ledger.entries()).livingMicroVms;
  const ended: string[] = [];
  for (const id of ids) if (await endMicroVm(id)) ended.push(id);
  if (ended.length > 0) await ledger.write({ kind: "microvm-ended", ids: ended });
}

/** Whether anything of the ledger's microVMs is there. */
export async function proveMicroVmsGone(ledger: Ledger): Promise<ReleaseProof> {
  const entries = await ledger.entries();
  const ids = entries.flatMap((entry) => (entry.kind === "microvm" ? [entry.id] : []));
  if (ids.length === 0) return { state: "nothing-leased" };
  const there = await findMicroVms();
  const left = ids.filter((id) => there.has(id));
  return left.length === 0
    ? { state: "none" }
    : { state: "left", ids: left, reason: "a microVM did not end: timetrial sweep --local" };
}
