// The files of a microVM before it is started, and the command line that names them.

import { execFile } from "node:child_process";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import { printable } from "../../domain/printable.ts";
import { checkSocketPath } from "./host-checks.ts";
import { microVmsFolder, newMicroVmId } from "./state-folder.ts";

interface FilesOrder {
  readonly vm: MicroVm;
  readonly id: string;
  /** The microVM's folder, which is there already. */
  readonly folder: string;
}

/** What was given to Firecracker: its paths are the jail's where there is one. */
export interface PreparedFiles extends FileLayout {
  readonly kernel: string;
  readonly initrd?: string;
  readonly disk?: string;
}

/** Where a microVM's files go, and the command line that names them. */
export interface FileLayout {
  readonly command: readonly string[];
  readonly socket: string;
  readonly log: string;
}

/** What the VMM sees as its root, where it is jailed; else the microVM's folder. */
function rootFolder({ jailer, binary }: MicroVm, id: string, folder: string): string {
  return jailer === undefined ? folder : join(folder, "jail", basename(binary), id, "root");
}

/** As long a path as that on which the API of a microVM will listen: all ids have one length. */
export function futureSocketPath(vm: MicroVm): string {
  const id = newMicroVmId();
  return socketPath(vm, id, join(microVmsFolder(), id));
}

function socketPath(vm: MicroVm, id: string, folder: string): string {
  return join(rootFolder(vm, id, folder), "api.sock");
}

/** The layout of a microVM. Nothing is made. @throws TimetrialError REFUSED where the socket's path is too long */
export function layOut({ vm, id, folder }: FilesOrder): FileLayout {
  const { jailer } = vm;
  const root = rootFolder(vm, id, folder);
  const inside = (name: string): string => (jailer === undefined ? join(root, name) : `/${name}`);
  const socket = socketPath(vm, id, folder);
  checkSocketPath(socket);
  const own = ["--api-sock", inside("api.sock"), "--log-path", inside("log"), "--level", "Info", "--boot-timer"];
  const command =
    jailer === undefined
      ? [vm.binary, "--id", id, ...own]
      : [...jailerWords(jailer, vm.binary, id, folder), "--", ...own];
  return { command, socket, log: join(root, "log") };
}

/** Makes the files: a copy of the disk, the jail where there is one, the log that Firecracker before 1.14 wants to be there. */
export async function prepareFiles({ vm, id, folder }: FilesOrder, layout: FileLayout): Promise<PreparedFiles> {
  const { jailer, rootfs, initrd } = vm;
  const root = rootFolder(vm, id, folder);
  const inside = (name: string): string => (jailer === undefined ? join(root, name) : `/${name}`);
  await mkdir(root, { recursive: true });
  await writeFile(layout.log, "");
  const made = ["log"];
  const copied = async (from: string, name: string): Promise<string> => {
    await copySparsely(from, join(root, name));
    made.push(name);
    return inside(name);
  };
  const outside = async (from: string, name: string): Promise<string> =>
    jailer === undefined ? from : await copied(from, name);
  const kernel = await outside(vm.kernel, "kernel");
  const ramdisk = initrd === undefined ? undefined : await outside(initrd, "initrd");
  const disk =
    rootfs === undefined
      ? undefined
      : await (rootfs.read_only ? outside(rootfs.path, "rootfs") : copied(rootfs.path, "rootfs"));
  if (jailer !== undefined) for (const name of [".", ...made]) await chown(join(root, name), jailer.uid, jailer.gid);
  return {
    ...layout,
    kernel,
    ...defined({ initrd: ramdisk, disk }),
  };
}

function jailerWords(
  { binary, uid, gid }: NonNullable<MicroVm["jailer"]>,
  program: string,
  id: string,
  folder: string,
) {
  const place = ["--chroot-base-dir", join(folder, "jail")];
  return [binary, "--id", id, "--exec-file", program, "--uid", String(uid), "--gid", String(gid), ...place];
}

/** The guest's disk is a copy that shares its blocks where the file system can; else holes stay holes. */
async function copySparsely(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["--reflink=auto", "--sparse=always", "--", from, to], {
    env: { ...process.env, LC_ALL: "C" },
  }).catch((cause: { stderr?: string }) => {
    const why = printable(cause.stderr?.trim() ?? "").slice(0, 300);
    throw new TimetrialError("REFUSED", `${from}: cannot be copied: ${why}`, {
      cause,
      hint: /No space left/.test(why)
        ? "make room below /var/tmp, or boot it with read_only = true"
        : "see whether it can be read",
    });
  });
}
