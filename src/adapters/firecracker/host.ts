// This computer as a host of microVMs: what was checked once, and what facts say about it.

import { defined } from "../../domain/defined.ts";
import type { MicroVm, MicroVmFacts } from "../../domain/microvm/microvm.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  checkHugePages,
  checkImages,
  checkKernel,
  checkKvm,
  checkNetwork,
  checkPrograms,
  checkRoute,
  checkSocketPath,
  checkVersion,
  firecrackerVersion,
} from "./host-checks.ts";
import { emulatingKvm } from "./kvm-speed.ts";
import { futureSocketPath } from "./prepare-files.ts";
import { checkMicroVmsFolder, thisHost } from "./state-folder.ts";

export class Host {
  readonly name: string;
  readonly #hostId: string;
  readonly #clock: Clock;
  readonly #versions = new Map<string, string>();
  #emulated: Promise<string | undefined> | undefined;

  constructor(clock: Clock) {
    const { host, host_id } = thisHost();
    this.name = host;
    this.#hostId = host_id;
    this.#clock = clock;
  }

  /** Refuses what cannot be booted, before anything is made. @throws TimetrialError REFUSED */
  async check(vm: MicroVm, { isRouted }: { readonly isRouted: boolean }, signal: AbortSignal): Promise<void> {
    const version = await firecrackerVersion(vm.binary);
    checkVersion(vm, version.numbers, version.text);
    this.#versions.set(vm.binary, version.text);
    await checkPrograms(vm);
    await checkKernel(vm);
    await checkImages(vm);
    await checkNetwork(vm);
    await checkHugePages(vm);
    checkSocketPath(futureSocketPath(vm));
    await checkMicroVmsFolder();
    if (isRouted) checkRoute(vm);
    if (usesKvm(version.text)) {
      await checkKvm();
      this.#emulated ??= emulatingKvm(vm.binary, this.#clock);
      await this.#emulated;
    }
    signal.throwIfAborted();
  }

  async facts(vm: MicroVm, id: string): Promise<MicroVmFacts> {
    const version = this.#versions.get(vm.binary) ?? (await firecrackerVersion(vm.binary)).text;
    const emulated = usesKvm(version) ? await this.#emulated : "a stand-in without KVM";
    return {
      id,
      vmm: version,
      host: this.name,
      host_id: this.#hostId,
      ...defined({ emulated }),
    };
  }
}

/** Whether the program that calls itself so needs /dev/kvm: the tests' stand-in does not. */
export function usesKvm(version: string): boolean {
  return version.startsWith("Firecracker ");
}
