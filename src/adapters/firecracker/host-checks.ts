// Checks what a host must have, before anything of a microVM is made.

import { constants } from "node:fs";
import { access, readdir, readlink, readFile, realpath, stat } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import { networkNumber } from "./config-file.ts";
import { type KernelImage, readKernelImage } from "./kernel-image.ts";
import { microVmsFolder } from "./state-folder.ts";

/** The first version that enters a kernel by its PVH note. */
const pvhSince = [1, 12];
/** The oldest version that is allowed: where it lacks a feature, Firecracker itself refuses. */
const oldest = [1, 4];
/** The newest version that was tested. Newer ones are allowed, with a note. */
const newestKnown = [1, 16];

/** The kernel's limit of a Unix socket's path. Bytes. */
const longestSocketPath = 107;

const refused = (message: string, hint?: string, cause?: unknown): TimetrialError =>
  new TimetrialError("REFUSED", message, {
    ...defined({ hint, cause }),
  });

/** The version of the program `binary`, `Firecracker 1.12.1`, and its numbers. @throws TimetrialError REFUSED */
export async function firecrackerVersion(binary: string): Promise<{ text: string; numbers: readonly number[] }> {
  const { stdout } = await promisify(execFile)(binary, ["--version"], { timeout: 10_000 }).catch(
    (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "ENOENT" ? "there is no such program" : `cannot be run (${cause.code ?? cause.message})`;
      throw refused(
        `firecracker ${binary}: ${why}`,
        'install a release of Firecracker, and name it: binary = "/path/to/firecracker"',
        cause,
      );
    },
  );
  const [, name = "", version = ""] = /^(\S+) v?(\d+\.\d+\.\d+\S*)/m.exec(stdout) ?? [];
  if (version === "")
    throw refused(`firecracker ${binary}: expected a version, got ${JSON.stringify(stdout.slice(0, 80))}`);
  return { text: `${name} ${version}`, numbers: version.split(".").slice(0, 2).map(Number) };
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const [major = 0, minor = 0] = version;
  const [otherMajor = 0, otherMinor = 0] = other;
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** Refuses a Firecracker that cannot boot `vm`. Returns a note on a version that was not tested. */
export function checkVersion(vm: MicroVm, numbers: readonly number[], text: string): string | undefined {
  if (isBefore(numbers, oldest))
    throw refused(`${text}: expected 1.4 or later`, "timetrial knows 1.12 to 1.16: update Firecracker");
  if (vm.guest === "freebsd" && isBefore(numbers, pvhSince))
    throw refused(`${text}: FreeBSD needs PVH, which 1.12 and later have`, "update Firecracker");
  if (isBefore(newestKnown, numbers)) return `${text} is newer than what timetrial knows (1.12 to 1.16)`;
  return isBefore(numbers, pvhSince) ? `${text} is older than what timetrial knows (1.12 to 1.16)` : undefined;
}

/** @throws TimetrialError REFUSED where /dev/kvm is not there, or may not be opened */
export async function checkKvm(): Promise<void> {
  if (process.platform !== "linux")
    throw refused(
      `firecracker: expected Linux, got ${process.platform}`,
      "run timetrial on the computer that has /dev/kvm",
    );
  await access("/dev/kvm", constants.R_OK | constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT")
      throw refused(
        "/dev/kvm: it is not there: this computer cannot run microVMs",
        "on EC2 take a .metal type; elsewhere enable virtualisation in the firmware, then modprobe kvm_intel or kvm_amd",
        cause,
      );
    throw refused("/dev/kvm: no right to open it", "usermod -aG kvm USER, or setfacl -m u:USER:rw /dev/kvm", cause);
  });
}

/** @throws TimetrialError REFUSED where the kernel is none that Firecracker starts, or the guest cannot boot by it */
export async function checkKernel({ kernel, guest }: MicroVm): Promise<KernelImage> {
  const image = await readKernelImage(kernel);
  const { hasPvhNote } = image;
  if (guest === "freebsd" && !hasPvhNote)
    throw refused(
      `kernel ${kernel}: expected a PVH note, got none: without it FreeBSD does not start, and prints nothing`,
      "take freebsd-kern.bin of a build with KERNCONF=FIRECRACKER, FreeBSD 14.0 or later",
    );
  return image;
}

/** @throws TimetrialError REFUSED where an image is missing, no file, or open for writing in another process */
export async function checkImages({ rootfs, initrd, cpu_template }: MicroVm): Promise<void> {
  for (const [what, path] of [
    ["initrd", initrd],
    ["cpu_template", cpu_template],
    ["rootfs", rootfs?.path],
  ] as const) {
    if (path === undefined) continue;
    const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      throw refused(
        `${what} ${path}: ${cause.code === "ENOENT" ? "it is not there" : (cause.code ?? cause.message)}`,
        undefined,
        cause,
      );
    });
    if (!status.isFile())
      throw refused(`${what} ${path}: expected a file, got ${status.isDirectory() ? "a folder" : "something else"}`);
    await access(path, constants.R_OK).catch((cause: unknown) => {
      throw refused(`${what} ${path}: no right to read it`, undefined, cause);
    });
  }
  const users = rootfs === undefined ? [] : await writersOf(rootfs.path);
  if (users.length > 0)
    throw refused(
      `rootfs ${rootfs?.path}: ${users.length > 1 ? "processes" : "process"} ${users.join(", ")} ${users.length > 1 ? "have" : "has"} it open for writing: a copy of it would be torn`,
      "end the microVM that uses it first: Firecracker itself takes no lock",
    );
}

/** Processes that have `path` open for writing, as far as /proc lets this user see. */
async function writersOf(path: string): Promise<string[]> {
  const target = await realpath(path);
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")) !== target) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, "utf8").catch(() => "");
      const flags = Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? "0", 8);
      if ((flags & 3) !== constants.O_RDONLY) found.push(pid);
    }
  }
  return [...new Set(found)];
}

/** @throws TimetrialError REFUSED where the named tap is not there, or no network can be made */
export async function checkNetwork({ network }: MicroVm): Promise<void> {
  if (network === undefined) return;
  if (network.tap !== undefined) {
    await checkTap(network.tap);
    await checkGuestRoute(network.tap, network);
  } else if (process.getuid?.() !== 0)
    throw refused(
      "network: a tap of its own needs root",
      'run as root, or make one once and name it: sudo ip tuntap add dev tap0 mode tap user "$USER"; network.tap = "tap0"',
    );
  await access("/dev/net/tun", constants.R_OK | constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw refused("/dev/net/tun: it is not there", "modprobe tun", cause);
    throw refused(
      "/dev/net/tun: no right to open it",
      "chmod 666 /dev/net/tun: the right to a tap is its owner's",
      cause,
    );
  });
}

async function checkTap(tap: string): Promise<void> {
  const attribute = async (name: string): Promise<string | undefined> =>
    await readFile(`/sys/class/net/${tap}/${name}`, "utf8").then(
      (text) => text.trim(),
      () => undefined,
    );
  // Firecracker as root would make one by a mistyped name, and say nothing.
  if ((await attribute("tun_flags")) === undefined)
    throw refused(
      `tap ${tap}: there is no such tap`,
      `ip tuntap add dev ${tap} mode tap user USER; or leave out network.tap, as root: then one is made`,
    );
  const [owner, user] = [await attribute("owner"), process.getuid?.() ?? 0];
  if (user !== 0 && owner !== "-1" && owner !== String(user))
    throw refused(
      `tap ${tap}: it belongs to user ${owner ?? "unknown"}, this is user ${user}`,
      "make one of your own: ip tuntap add dev NAME mode tap user USER",
    );
  // A tap that is up has a carrier while a process has it open. One that is down says neither.
  if ((await attribute("carrier")) === "1")
    throw refused(
      `tap ${tap}: another process has it open`,
      "end the microVM that uses it, or leave out network.tap, as root: then one is made",
    );
}

/** A guest on a tap of the user's is reached by the computer's own routes: one of its network, not the default. */
async function checkGuestRoute(
  tap: string,
  { address, gateway, prefix }: NonNullable<MicroVm["network"]>,
): Promise<void> {
  const [, ...lines] = (await readFile("/proc/net/route", "utf8").catch(() => "")).split("\n");
  const routes = lines.filter((line) => line !== "").map((line) => line.split("\t"));
  const hasRoute = routes.some(([, destination = "", , , , , , mask = ""]) => {
    // Both are numbers in the byte order of the computer.
    const [to = 0, bits = 0] = [destination, mask].map((hex) => Buffer.from(hex, "hex").reverse().readUInt32BE());
    return bits !== 0 && (networkNumber(address, 32) & bits) >>> 0 === to;
  });
  if (!hasRoute)
    throw refused(
      `tap ${tap}: no route of this computer leads to ${address}`,
      `ip address add ${gateway}/${prefix} dev ${tap}; ip link set ${tap} up`,
    );
}

/** @throws TimetrialError REFUSED where a boot's route to the guest would hide a network that this computer is on */
export function checkRoute({ network }: MicroVm): void {
  if (network === undefined || network.tap !== undefined) return;
  for (const [name, addresses] of Object.entries(networkInterfaces()))
    for (const { address, cidr, family } of addresses ?? []) {
      const bits = Number(cidr?.split("/")[1] ?? 32);
      if (family !== "IPv4" || /^fc[0-9a-f]{10}$/.test(name)) continue;
      if ([network.address, network.gateway].some((one) => networkNumber(one, bits) === networkNumber(address, bits)))
        throw refused(
          `network: ${network.address} is in ${cidr}, the network of ${name} on this computer`,
          "give the guest an address of another network",
        );
    }
}

/** @throws TimetrialError REFUSED where the socket of a microVM would have too long a path */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPath)
    throw refused(
      `socket ${path}: expected at most ${longestSocketPath} bytes, got ${bytes}`,
      `microVMs live below ${microVmsFolder()}: shorten the jailer's or Firecracker's file name`,
    );
}

/** @throws TimetrialError REFUSED where the pool of 2M pages is too small for the guest's memory */
export async function checkHugePages({ huge_pages, memory_mib }: MicroVm): Promise<void> {
  if (huge_pages === undefined) return;
  const wanted = Math.ceil(memory_mib / 2);
  const text = await readFile("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "utf8").catch(() => "0");
  const free = Number(text.trim());
  if (free < wanted)
    throw refused(
      `huge_pages: ${memory_mib} MiB are ${wanted} pages of 2M, ${free} are free`,
      `sysctl vm.nr_hugepages=${wanted}, or leave out huge_pages`,
    );
}

/** Programs of the system that a microVM needs. @throws TimetrialError REFUSED */
export async function checkPrograms(vm: MicroVm): Promise<void> {
  const needed: [string, string][] = [
    ["setpriv", "util-linux"],
    ["cp", "coreutils"],
  ];
  if (vm.network !== undefined && vm.network.tap === undefined)
    needed.push(["ip", "iproute2"], ["unshare", "util-linux"], ["nsenter", "util-linux"]);
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  for (const [program, from] of needed) {
    const found = await Promise.all(
      folders.map((folder) =>
        access(`${folder}/${program}`, constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) throw refused(`firecracker: there is no ${program} on this computer`, `install ${from}`);
  }
}
