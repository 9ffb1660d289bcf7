// One microVM from its folder to its end. Every instant of its boot is read from the run's own clock.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type MicroVm, microVmId } from "../../domain/microvm/microvm.ts";
import { printable } from "../../domain/printable.ts";
import type { Clock } from "../../ports/clock.ts";
import { readNamedFile, type UnreadableFile } from "../folders/named-file.ts";
import { FirecrackerApi } from "./api/api-client.ts";
import { explainFault } from "./api/api-errors.ts";
import { GuestConsole, guestBootTime_s } from "./console.ts";
import { type Keeper, startKeeper } from "./keeper.ts";
import { type FileLayout, layOut, type PreparedFiles, prepareFiles } from "./prepare-files.ts";
import { ownerText, vethName } from "./state-folder.ts";

/** The longest that the API is waited for. Seconds. */
const apiLimit_s = 10;
/** Between two looks whether the API is there: it takes 1.4 to 22 ms to come up. */
const apiEvery_ms = 1;

export interface MicroVmOrder {
  readonly vm: MicroVm;
  readonly id: string;
  /** Its folder, which its keeper makes. */
  readonly folder: string;
  /** Whether the host reaches the guest by an address, as a boot's probe does. */
  readonly isRouted: boolean;
  readonly clock: Clock;
  /** The run and side that it is booted for. */
  readonly owner: Parameters<typeof ownerText>[0];
  /** Makes more files in the folder before the VMM is started. */
  readonly addFiles?: (folder: string) => Promise<void>;
}

/** Instants of a start, by the clock. Seconds. */
export interface StartInstants {
  /** Just before the VMM was started. */
  readonly start_s: number;
  readonly api_ready_s: number;
  readonly start_sent_s: number;
  readonly started_s: number;
}

export class RunningMicroVm {
  readonly id: string;
  readonly vm: MicroVm;
  readonly console: GuestConsole;
  readonly instants: StartInstants;
  readonly #keeper: Keeper;
  readonly #log: string;
  #status: number | undefined;

  constructor(order: MicroVmOrder, keeper: Keeper, console: GuestConsole, instants: StartInstants, log: string) {
    this.id = order.id;
    this.vm = order.vm;
    this.console = console;
    this.instants = instants;
    this.#keeper = keeper;
    this.#log = log;
    void keeper.exited.then((status) => (this.#status = status));
  }

  /** Process whose network namespace the guest's tap is in. */
  get namespaceOf(): number {
    return this.#keeper.pid;
  }

  /** Resolves with the reason when the VMM ends, or the guest says that it died; never otherwise. */
  dying(signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const tell = (): void => {
        if (signal.aborted) return;
        const death = this.console.death(this.#status !== undefined);
        if (death !== undefined || this.#status !== undefined) resolve(this.#reason(death));
      };
      this.console.onText(tell);
      // What the guest said last may still be in the pipe.
      void this.#keeper.exited.then(() => setTimeout(tell, 20));
    });
  }

  /** Whether and why it is dead by now. */
  deathSoFar(): string | undefined {
    const death = this.console.death(this.#status !== undefined);
    return death === undefined && this.#status === undefined ? undefined : this.#reason(death);
  }

  #reason(death: string | undefined): string {
    return describeDeath(death, this.#status, this.console, this.#keeper.stderr());
  }

  /** Seconds from InstanceStart to the guest's own mark; undefined where it set none. */
  async guestBoot_s(): Promise<number | undefined> {
    return guestBootTime_s(await readFile(this.#log, "utf8").catch(() => ""));
  }

  /** Ends it with all that was made for it; false where something may be left. */
  async end(): Promise<boolean> {
    return await this.#keeper.end();
  }
}

/** Why a microVM ended. The exit status tells no panic from a reboot: 0 after either. */
function describeDeath(
  death: string | undefined,
  status: number | undefined,
  console: GuestConsole,
  stderr: string,
): string {
  const last = console.lastLines();
  const consoleText = last === "" ? "; its console said nothing" : `; its console said last: ${last}`;
  if (death !== undefined) return `${death}${consoleText}`;
  const own = printable(stderr.trim().split("\n").at(-1) ?? "").slice(0, 300);
  if (status === 0) return `the guest reset itself, or took a triple fault, after which Firecracker ends${consoleText}`;
  if (status === 148) return `Firecracker made a system call that its filter forbids${consoleText}`;
  const how =
    (status ?? 0) > 128 ? `ended by signal ${(status ?? 0) - 128}` : `ended with status ${status ?? "unknown"}`;
  return `Firecracker ${how}: a triple fault, or an instruction that this KVM cannot run${consoleText}${own === "" ? "" : `; ${own}`}`;
}

/**
 * Boots `vm`. Whatever was made is gone again where it throws.
 *
 * @throws TimetrialError REFUSED with Firecracker's own words behind ours; TRANSPORT where its API never came up
 */
export async function bootMicroVm(order: MicroVmOrder, signal: AbortSignal): Promise<RunningMicroVm> {
  const { vm, id, folder, isRouted, clock } = order;
  if (!microVmId.test(id)) throw new RangeError("not the id of a microVM");
  let keeper: Keeper | undefined;
  try {
    const paths = layOut(order);
    // The keeper before any file: whatever is made from here on is removed by it.
    keeper = await startKeeper(keeperOrder(order, paths, isRouted)).catch((cause: Error) => {
      throw networkFault(vm, cause);
    });
    await order.addFiles?.(folder);
    const prepared = await prepareFiles(order, paths);
    signal.throwIfAborted();
    const console = new GuestConsole(clock);
    keeper.console.on("data", (bytes: Buffer) => console.add(bytes));
    const instants = await start(prepared, order, keeper, signal);
    return new RunningMicroVm(order, keeper, console, instants, prepared.log);
  } catch (error) {
    if (keeper !== undefined) await keeper.end();
    else await promisify(execFile)("rm", ["-rf", "--", folder]);
    throw explainFault(error, vm);
  }
}

function networkFault(vm: MicroVm, cause: Error): TimetrialError {
  if (/File exists/.test(cause.message))
    return new TimetrialError(
      "REFUSED",
      `network: another microVM on this computer has ${vm.network?.address ?? "the address"} now`,
      {
        cause,
        hint: "boot one at a time, or give each its own address",
      },
    );
  return new TimetrialError("REFUSED", `network: cannot be made: ${printable(cause.message).slice(0, 300)}`, {
    cause,
    hint: "timetrial doctor firecracker:FILE.toml says what is missing",
  });
}

function keeperOrder({ vm, id, folder, owner }: MicroVmOrder, { command }: FileLayout, isRouted: boolean) {
  const own = vm.network !== undefined && vm.network.tap === undefined;
  const mode = own ? "own" : process.getuid?.() === 0 ? "root" : "plain";
  return {
    folder,
    mode,
    ...defined({ network: vm.network }),
    ...(own && isRouted ? { veth: vethName(id) } : {}),
    ownerText: ownerText(owner),
    owner: vm.jailer?.uid ?? process.getuid?.() ?? 0,
    command,
  } as const;
}

/** Starts the VMM, tells it what it is, and starts the guest. The console is read from before the first request. */
async function start(
  prepared: PreparedFiles,
  { vm, clock }: MicroVmOrder,
  keeper: Keeper,
  signal: AbortSignal,
): Promise<StartInstants> {
  const api = new FirecrackerApi(prepared.socket);
  const start_s = clock.monotonic_s();
  keeper.go();
  const api_ready_s = await apiReady(api, clock, keeper, signal);
  const { vcpus, memory_mib, smt, huge_pages, network, cpu_template, rootfs } = vm;
  const { kernel, initrd, disk } = prepared;
  await api.putMachineConfiguration({
    vcpu_count: vcpus,
    mem_size_mib: memory_mib,
    ...(smt ? { smt } : {}),
    ...defined({ huge_pages }),
  });
  if (cpu_template !== undefined) await api.putCpuConfiguration(await readTemplate(cpu_template));
  await api.putBootSource({
    kernel_image_path: kernel,
    boot_args: vm.boot_args,
    ...defined({ initrd_path: initrd }),
  });
  if (disk !== undefined)
    await api.putDrive({
      drive_id: "rootfs",
      is_root_device: true,
      path_on_host: disk,
      is_read_only: rootfs?.read_only === true,
    });
  if (network !== undefined)
    await api.putNetworkInterface({
      iface_id: "eth0",
      host_dev_name: network.tap ?? "tap0",
      guest_mac: network.mac,
    });
  // A guest without it may wait for random numbers before it lets ssh in.
  await api.putEntropyDevice();
  const start_sent_s = clock.monotonic_s();
  await api.startInstance();
  return { start_s, api_ready_s, start_sent_s, started_s: clock.monotonic_s() };
}

/** Firecracker takes no larger request unless it is started with another limit. */
const mostTemplate_bytes = 51_200;

async function readTemplate(path: string): Promise<object> {
  const refuse = (message: string, cause?: unknown) =>
    new TimetrialError("REFUSED", `cpu_template ${path}: ${message}`, { cause });
  const bytes = await readNamedFile(path, mostTemplate_bytes, "follow").catch((cause: UnreadableFile) => {
    throw refuse(cause.message, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (cause) {
    throw refuse(`expected JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof value === "object" && value !== null) return value;
  throw refuse("expected an object");
}

/** The instant of the first answer. @throws TimetrialError TRANSPORT where the VMM ended before, or said nothing */
async function apiReady(api: FirecrackerApi, clock: Clock, keeper: Keeper, signal: AbortSignal): Promise<number> {
  const until_s = clock.monotonic_s() + apiLimit_s;
  let status: number | undefined;
  void keeper.exited.then((exit) => (status = exit));
  for (;;) {
    signal.throwIfAborted();
    try {
      await api.describeInstance();
      return clock.monotonic_s();
    } catch (cause) {
      const own = printable(keeper.stderr().trim().split("\n").at(-1) ?? "").slice(0, 300);
      if (status !== undefined)
        throw new TimetrialError(
          "TRANSPORT",
          `Firecracker ended with status ${status} before its API was up${own === "" ? "" : `: ${own}`}`,
          { cause },
        );
      if (clock.monotonic_s() > until_s)
        throw new TimetrialError(
          "TRANSPORT",
          `Firecracker's API was not up within ${apiLimit_s} s${own === "" ? "" : `: ${own}`}`,
          { cause },
        );
      await new Promise((resolve) => setTimeout(resolve, apiEvery_ms));
    }
  }
}
