// Reads the TOML file of a `firecracker:` side: presets, defaults, and one error for whatever does not fit.

import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import { delimiter, dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import { readToml, readTomlText } from "../folders/toml.ts";

/** Firecracker's own limit of boot arguments, its own additions included. Bytes. */
const mostBootArgs = 2048;

const path = v.pipe(v.string("expected a path"), v.minLength(1, "expected a path"));
const whole = (least: number, most: number) => {
  const expected = `expected a whole number from ${least} to ${most}`;
  return v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected));
};
const address = v.pipe(v.string(), v.check(isIPv4, "expected an IPv4 address"));
const userName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/, "expected a user's name"));

const fileSchema = v.strictObject({
  preset: v.optional(v.picklist(["linux", "freebsd"], "expected linux or freebsd"), "linux"),
  binary: v.optional(path, "firecracker"),
  kernel: path,
  initrd: v.optional(path),
  rootfs: v.optional(path),
  read_only: v.optional(v.boolean("expected true or false"), false),
  vcpus: v.optional(whole(1, 32), 1),
  memory_mib: v.optional(whole(1, 16_777_216), 512),
  smt: v.optional(v.boolean("expected true or false"), false),
  huge_pages: v.optional(v.picklist(["2M"], 'expected "2M"')),
  cpu_template: v.optional(path),
  boot_args: v.optional(
    v.pipe(v.string(), v.regex(/^[\x20-\x7e]*$/, "expected printable ASCII on one line"), v.maxLength(mostBootArgs)),
  ),
  timeout_s: v.optional(whole(1, 3600), 120),
  jailer: v.optional(
    v.strictObject({
      binary: v.optional(path, "jailer"),
      uid: whole(1, 4_294_967_294),
      gid: whole(1, 4_294_967_294),
    }),
  ),
  network: v.optional(
    v.strictObject({
      address: v.optional(address),
      gateway: v.optional(address),
      prefix: v.optional(whole(8, 30)),
      mac: v.optional(
        v.pipe(
          v.string(),
          v.regex(
            /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/i,
            "expected a local unicast MAC address, such as 02:00:00:00:00:02",
          ),
        ),
      ),
      tap: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,15}$/, "expected a device's name of at most 15 characters")),
      ),
    }),
  ),
  ssh: v.optional(
    v.strictObject({ user: v.optional(userName), key: v.optional(path), port: v.optional(whole(1, 65_535), 22) }),
    {},
  ),
});

type FileContent = v.InferOutput<typeof fileSchema>;

const presets = {
  linux: {
    user: "root",
    args: "console=ttyS0 reboot=k panic=-1",
    says: "boot_args: console on ttyS0, a panic ends it",
  },
  freebsd: {
    user: "freebsd",
    args: "vfs.root.mountfrom=ufs:/dev/vtbd0",
    says: "boot_args: vfs.root.mountfrom=ufs:/dev/vtbd0; one vCPU unless the file says more; the kernel needs a PVH note and Firecracker 1.12 or later",
  },
} as const;

/**
 * The microVM that `file`, a TOML file, describes.
 *
 * @throws TimetrialError USAGE where it cannot be read, or does not fit
 * @example
 * import { readMicroVmFile } from "timetrial/adapters";
 *
 * console.log(await readMicroVmFile("guest.toml"));
 */
export async function readMicroVmFile(file: string): Promise<MicroVm> {
  const hint = "docs/firecracker.md shows how such a file is written";
  const text = await readTomlText(file, `firecracker:${file}`, hint);
  return completed(file, readToml(fileSchema, { text, file, code: "USAGE" }));
}

function completed(file: string, given: FileContent): MicroVm {
  const folder = dirname(resolve(file));
  const preset = presets[given.preset];
  const at = (name: string): string => resolve(folder, name);
  const { initrd, rootfs, huge_pages, cpu_template, jailer } = given;
  const boot_args = [preset.args, given.boot_args ?? ""].filter((part) => part !== "").join(" ");
  if (boot_args.length > mostBootArgs - 256)
    throw new TimetrialError(
      "USAGE",
      `${file}: boot_args: expected at most ${mostBootArgs - 256} bytes with the preset's, got ${boot_args.length}`,
    );
  if (given.smt && given.vcpus > 1 && given.vcpus % 2 === 1)
    throw new TimetrialError("USAGE", `${file}: vcpus: expected 1 or an even number with smt, got ${given.vcpus}`);
  const network = networkOf(file, given);
  return {
    added: [preset.says],
    guest: given.preset,
    binary: programPath(given.binary, folder),
    ...(jailer === undefined ? {} : { jailer: { ...jailer, binary: programPath(jailer.binary, folder) } }),
    kernel: at(given.kernel),
    ...(initrd === undefined ? {} : { initrd: at(initrd) }),
    ...(rootfs === undefined ? {} : { rootfs: { path: at(rootfs), read_only: given.read_only } }),
    vcpus: given.vcpus,
    memory_mib: given.memory_mib,
    smt: given.smt,
    ...defined({ huge_pages }),
    ...(cpu_template === undefined ? {} : { cpu_template: at(cpu_template) }),
    boot_args,
    ...defined({ network }),
    ssh: {
      user: given.ssh.user ?? preset.user,
      port: given.ssh.port,
      ...(given.ssh.key === undefined ? {} : { key: at(given.ssh.key) }),
    },
    timeout_s: given.timeout_s,
  };
}

/** FreeBSD's stock image has 10.0.0.2/16 with the gateway 10.0.0.1; nothing else is assumed. */
function networkOf(file: string, { network, preset }: FileContent): MicroVm["network"] {
  if (network === undefined && preset === "linux") return undefined;
  const stock = preset === "freebsd" ? { address: "10.0.0.2", gateway: "10.0.0.1", prefix: 16 } : {};
  const { address: guest, gateway, prefix = 24, tap, mac } = { ...stock, ...network };
  if (guest === undefined || gateway === undefined)
    throw new TimetrialError("USAGE", `${file}: network: expected address, the guest's, and gateway, the host's`, {
      hint: 'as in: [network]\n  address = "10.0.0.2"\n  gateway = "10.0.0.1"',
    });
  if (guest === gateway)
    throw new TimetrialError("USAGE", `${file}: network: expected two addresses, got ${guest} twice`);
  if (networkNumber(guest, prefix) !== networkNumber(gateway, prefix))
    throw new TimetrialError(
      "USAGE",
      `${file}: network: expected ${guest} and ${gateway} in one network of /${prefix}`,
    );
  return {
    address: guest,
    gateway,
    prefix,
    mac: mac ?? `02:${hexPairs(createHash("sha256").update(resolve(file)).digest("hex").slice(0, 10))}`,
    ...defined({ tap }),
  };
}

function hexPairs(digits: string): string {
  return digits.match(/../g)?.join(":") ?? "";
}

/** The number of the network of `prefix` bits that the IPv4 address `text` is in. */
export function networkNumber(text: string, prefix: number): number {
  const number = text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(number / 2 ** (32 - prefix));
}

/** A name without a slash is looked for on PATH, as a shell does; a path is relative to the file. */
function programPath(name: string, folder: string): string {
  if (name.includes("/")) return resolve(folder, name);
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((place) => join(place || ".", name))
    .find((one) => existsSync(one));
  return found === undefined ? name : resolve(found);
}
