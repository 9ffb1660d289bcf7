// What `doctor firecracker:FILE.toml` looks at: the same checks as before a boot, one line each, and how fast this
// computer's KVM is. Makes nothing that stays.

import type { DoctorCheck } from "../../domain/doctor-check.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
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
import { usesKvm } from "./host.ts";
import { emulating_s, loopTime_s } from "./kvm-speed.ts";
import { futureSocketPath } from "./prepare-files.ts";
import { checkMicroVmsFolder } from "./state-folder.ts";

/** The first Firecracker whose MP table FreeBSD's stock kernel does not take. */
const brokenMpTable = [1, 8] as const;

/** The checks of `vm`, as they are done. */
export async function* checkMicroVm(vm: MicroVm, clock: Clock): AsyncIterable<DoctorCheck> {
  let version: Awaited<ReturnType<typeof firecrackerVersion>> | undefined;
  yield await checkOf("firecracker", async () => {
    version = await firecrackerVersion(vm.binary);
    const remark = checkVersion(vm, version.numbers, version.text);
    return remark ?? version.text;
  });
  if (version === undefined || usesKvm(version.text)) {
    const kvm = await checkOf("/dev/kvm", async () => (await checkKvm(), "can be opened"));
    yield kvm;
    if (kvm.state === "ok" && version !== undefined) yield await speedCheck(vm, clock);
  }
  yield await checkOf("programs", async () => (await checkPrograms(vm), "setpriv, unshare, nsenter, ip, cp as needed"));
  yield await checkOf("kernel", async () => {
    const { hasPvhNote } = await checkKernel(vm);
    return `${vm.kernel}: 64-bit ELF, ${hasPvhNote ? "with" : "without"} a PVH note`;
  });
  yield await checkOf("images", async () => (await checkImages(vm), vm.rootfs?.path ?? vm.initrd ?? "none"));
  yield await checkOf("network", async () => {
    await checkNetwork(vm);
    checkRoute(vm);
    if (vm.network === undefined) return "none: neither boot nor a suite can reach the guest";
    return vm.network.tap === undefined ? `${vm.network.address}, on a tap of its own` : `tap ${vm.network.tap}`;
  });
  if (vm.huge_pages !== undefined)
    yield await checkOf("huge pages", async () => (await checkHugePages(vm), `enough for ${vm.memory_mib} MiB`));
  yield await checkOf("folder", async () => `${await checkMicroVmsFolder()}: disks are copied to it`);
  yield await checkOf("socket", async () => {
    const path = futureSocketPath(vm);
    checkSocketPath(path);
    return `a path of ${Buffer.byteLength(path)} bytes, of 107 at most`;
  });
  if (vm.guest === "freebsd" && version !== undefined) yield mpTableCheck(version);
}

async function checkOf(name: string, look: () => Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, state: "ok", found: await look(), needed: true };
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    const todo = error.hint === undefined ? {} : { todo: error.hint };
    return { name, state: "missing", found: error.message, needed: true, ...todo };
  }
}

async function speedCheck({ binary }: MicroVm, clock: Clock): Promise<DoctorCheck> {
  const took_s = await loopTime_s(binary, clock).catch(() => undefined);
  const about = { name: "kvm speed", needed: false } as const;
  if (took_s === undefined) return { ...about, state: "unknown", found: "a guest of 30 bytes did not finish" };
  const found = `300,000 turns of a loop took ${(took_s * 1000).toFixed(took_s < 0.01 ? 1 : 0)} ms`;
  if (took_s <= emulating_s) return { ...about, state: "ok", found };
  return {
    ...about,
    state: "missing",
    found: `${found}, a CPU takes about 1 ms: this KVM emulates`,
    todo: "times in its guests mean nothing, and most kernels do not boot there: take a computer with hardware virtualisation",
  };
}

function mpTableCheck({ numbers, text }: Awaited<ReturnType<typeof firecrackerVersion>>): DoctorCheck {
  const about = { name: "mp table", needed: false } as const;
  const [major = 0, minor = 0] = numbers;
  if (major < brokenMpTable[0] || (major === brokenMpTable[0] && minor < brokenMpTable[1]))
    return { ...about, state: "ok", found: `${text} writes a table that FreeBSD takes` };
  return {
    ...about,
    state: "unknown",
    found: `${text} says one entry too many in its MP table: FreeBSD's stock kernel panics with "Unknown MP Config Entry"`,
    todo: "build the kernel with the patch of the freebsd-firecracker project, see docs/firecracker.md",
  };
}
