// What tests of microVMs run on: the real Firecracker, a toy guest, a Linux guest for QEMU. Each is made once and kept
// below the system's folder for temporary files; what cannot be had is said by its reason.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../adapters/firecracker/", import.meta.url));
const lab = join(tmpdir(), `timetrial-microvm-lab-${process.getuid?.() ?? 0}`);

/** The stand-in that carries Firecracker's API out on QEMU. */
export const standIn: string = join(here, "stand-in.mjs");

/** Why the real Firecracker cannot run here; undefined where it can. */
export const noFirecracker: string | undefined = reasonOf([
  [process.platform === "linux" && process.arch === "x64", "needs Linux on x86-64"],
  [process.getuid?.() === 0, "needs root: taps and namespaces"],
  [canOpen("/dev/kvm"), "needs /dev/kvm"],
  [canOpen("/dev/net/tun"), "needs /dev/net/tun"],
  [has("ip") && has("unshare") && has("setpriv"), "needs iproute2 and util-linux"],
  [has("gcc") && has("objcopy"), "needs gcc and binutils"],
  [runs("python3", ["-m", "pip", "--version"]), "needs pip"],
]);

/** Why QEMU cannot stand in for it; undefined where it can. */
export const noQemu: string | undefined = reasonOf([
  [process.platform === "linux" && process.arch === "x64", "needs Linux on x86-64"],
  [process.getuid?.() === 0, "needs root: taps and namespaces"],
  [has("qemu-system-x86_64"), "needs qemu-system-x86_64"],
  [has("ip") && has("unshare") && has("setpriv"), "needs iproute2 and util-linux"],
  [
    has("busybox") && has("sshd") && has("python3") && has("lz4") && has("apt-get"),
    "needs busybox, sshd, lz4, apt-get",
  ],
]);

export interface FirecrackerLab {
  readonly firecracker: string;
  readonly jailer: string;
  /** The toy guest; the same without a PVH note; the same as a 32-bit file. */
  readonly toy: string;
  readonly noPvh: string;
  readonly toy32: string;
}

/** The real Firecracker and its guests. @throws where they cannot be made */
export function firecrackerLab(): FirecrackerLab {
  const programs = made("firecracker-1.12.1", (folder) => {
    execFileSync("sh", [join(here, "fetch-firecracker.sh"), folder], { stdio: ["ignore", "ignore", "pipe"] });
  });
  const guests = made(`toy-${digestOf("guest.c", "guest.ld")}`, (folder) => {
    const flags =
      "-m32 -O1 -ffreestanding -nostdlib -fno-pic -no-pie -fno-stack-protector -mno-sse -mno-mmx -fcf-protection=none -fno-asynchronous-unwind-tables -w -Wl,--build-id=none,--no-warn-rwx-segments";
    for (const [name, define] of [
      ["toy", "-DTOY"],
      ["nopvh", "-DNO_PVH"],
    ] as const) {
      const elf32 = join(folder, `${name}32.elf`);
      const words = [...flags.split(" "), define, "-Wl,-T", join(here, "guest/guest.ld"), "-o", elf32];
      execFileSync("gcc", [...words, join(here, "guest/guest.c")]);
      execFileSync("objcopy", ["-I", "elf32-i386", "-O", "elf64-x86-64", elf32, join(folder, `${name}.elf`)]);
    }
  });
  return {
    firecracker: join(programs, "firecracker"),
    jailer: join(programs, "jailer"),
    toy: join(guests, "toy.elf"),
    noPvh: join(guests, "nopvh.elf"),
    toy32: join(guests, "toy32.elf"),
  };
}

/** A Linux guest: its kernel, its initramfs, and the key that lets root in. @throws where it cannot be made */
export function linuxGuest(): { readonly kernel: string; readonly initrd: string; readonly key: string } {
  const folder = made(`linux-${digestOf("linux-guest.sh", "linux-init.sh")}`, (place) => {
    execFileSync("sh", [join(here, "guest/linux-guest.sh"), place], { stdio: ["ignore", "ignore", "pipe"] });
  });
  return { kernel: join(folder, "vmlinux"), initrd: join(folder, "initrd"), key: join(folder, "key") };
}

/** A digest of guests' sources: what is made of others is another guest. */
function digestOf(...names: readonly string[]): string {
  const digest = createHash("sha256");
  for (const name of names) digest.update(readFileSync(join(here, "guest", name)));
  return digest.digest("hex").slice(0, 12);
}

/** The folder `name` of the lab, made by `make` where it is not there: whole, or not at all. */
function made(name: string, make: (folder: string) => void): string {
  const folder = join(lab, name);
  if (existsSync(folder)) return folder;
  mkdirSync(lab, { recursive: true, mode: 0o700 });
  const scratch = join(lab, `${name}.${process.pid}.${Date.now()}`);
  mkdirSync(scratch);
  try {
    make(scratch);
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

function reasonOf(needs: readonly (readonly [boolean, string])[]): string | undefined {
  return needs.find(([met]) => !met)?.[1];
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function has(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function runs(program: string, words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
