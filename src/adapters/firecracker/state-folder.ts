// Where microVMs keep what they need while they live: `/var/tmp/timetrial-microvms-UID/ID/`, mode 0700.
//
// Not below /run or /tmp: a jail needs device nodes, which those often forbid, and a disk may be large.

import { access, chmod, lstat, mkdir, readdir, readFile } from "node:fs/promises";
import { constants, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { TimetrialError } from "../../domain/errors.ts";
import { microVmId } from "../../domain/microvm/microvm.ts";

const ownerSchema = v.object({
  run: v.string(),
  side: v.string(),
  /** The process that launched it, and when that process started, in ticks since the computer's boot. */
  client: v.number(),
  client_started: v.string(),
  at: v.string(),
});

export type MicroVmOwner = Readonly<v.InferOutput<typeof ownerSchema>>;

/** The folder of all microVMs of this user. */
export function microVmsFolder(): string {
  return `/var/tmp/timetrial-microvms-${process.getuid?.() ?? 0}`;
}

export function newMicroVmId(): string {
  return `fc-${randomBytes(5).toString("hex")}`;
}

/** The host's end of the microVM's veth pair. */
export function vethName(id: string): string {
  return id.replace("-", "");
}

/** The place of microVM `id`'s folder, which its keeper makes: nothing is there while nobody would remove it. @throws TimetrialError REFUSED as checkMicroVmsFolder */
export async function microVmFolder(id: string): Promise<string> {
  return join(await checkMicroVmsFolder(), id);
}

/** The folder of all microVMs of this user, made where it is not there. @throws TimetrialError REFUSED where another user has the place, or nothing can be written there */
export async function checkMicroVmsFolder(): Promise<string> {
  const root = microVmsFolder();
  try {
    await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    const status = await lstat(root);
    if (!status.isDirectory() || status.uid !== (process.getuid?.() ?? 0))
      throw new Error("it is no folder of this user's");
    await chmod(root, 0o700);
    await access(root, constants.W_OK);
  } catch (cause) {
    throw new TimetrialError("REFUSED", `${root}: cannot be used for microVMs: ${(cause as Error).message}`, {
      cause,
      hint: "their disks are copied there: it must be a folder of yours that can be written",
    });
  }
  return root;
}

/** Whose a microVM of this process is: the text of its folder's owner.json. */
export function ownerText({ run, side }: Pick<MicroVmOwner, "run" | "side">): string {
  const client_started = startOf(process.pid) ?? "";
  const owner: MicroVmOwner = { run, side, client: process.pid, client_started, at: new Date().toISOString() };
  return JSON.stringify(owner);
}

/** Ids of all folders of microVMs, with who made each; undefined where that cannot be read. */
export async function listMicroVmFolders(): Promise<ReadonlyMap<string, MicroVmOwner | undefined>> {
  const names = await readdir(microVmsFolder()).catch(() => []);
  const found = new Map<string, MicroVmOwner | undefined>();
  for (const name of names.filter((one) => microVmId.test(one))) {
    const text = await readFile(join(microVmsFolder(), name, "owner.json"), "utf8").catch(() => "");
    found.set(name, ownerOf(text));
  }
  return found;
}

function ownerOf(text: string): MicroVmOwner | undefined {
  try {
    const parsed = v.safeParse(ownerSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the client that launched it still lives: its process id may be another's by now. */
export function isClientAlive({ client, client_started }: MicroVmOwner): boolean {
  return startOf(client) === client_started;
}

/** When process `pid` started, in ticks since boot, as /proc says it; undefined where there is none. */
function startOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** This computer, for facts and the ledger. */
export function thisHost(): { readonly host: string; readonly host_id: string } {
  let host_id = "";
  try {
    host_id = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux: check() refuses it.
  }
  return { host: hostname(), host_id };
}
