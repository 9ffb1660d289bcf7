// The sandbox's state folder: one live sandbox at a time, and the file that tells clients where it listens.

import { lstatSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killMarked } from "./process/marked-tree.ts";
import { factsOf } from "./process/process-scan.ts";

/** What `sandbox.json` holds; there while the sandbox listens. */
export interface SandboxFile {
  readonly schema: 1;
  readonly pid: number;
  readonly endpoint: string;
  readonly region: string;
  readonly access_key_id: string;
  readonly secret_access_key: string;
  readonly time_scale: number;
  /** The fault plan as it was written; empty where nothing goes wrong on purpose. */
  readonly faults: string;
  /** How simulated machines work, as it was written; empty where machines are process trees. */
  readonly simulate: string;
}

/** Makes the folder, or refuses one that others could have prepared. */
export function prepareFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || (found.mode & 0o777) !== 0o700 || found.uid !== process.getuid?.())
    throw new Error(`${dir}: expected a folder of this user's with mode 0700`);
}

/**
 * Takes the folder's lock; returns what gives it back, or undefined where a live process holds it.
 *
 * A lock names pid and birth of its holder and is made whole by link(2). One whose holder is dead is moved aside,
 * and given back should it prove to be another than the one judged.
 */
export function acquireLock(dir: string): (() => void) | undefined {
  const lock = join(dir, "lock");
  const mine = join(dir, `lock.${process.pid}`);
  const aside = join(dir, `lock.dead.${process.pid}`);
  const me = `${process.pid} ${birthOf(process.pid)}\n`;
  writeFileSync(mine, me, { mode: 0o600 });
  try {
    for (let tries = 0; tries < 10; tries++) {
      if (linked(mine, lock)) return () => release(lock, me);
      const holder = textOf(lock);
      if (isAlive(holder)) return undefined;
      if (!moved(lock, aside)) continue;
      if (textOf(aside) !== holder) linked(aside, lock);
      rmSync(aside, { force: true });
    }
    return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
}

export function readSandboxFile(dir: string): SandboxFile | undefined {
  const text = textOf(join(dir, "sandbox.json"));
  return text === "" ? undefined : (JSON.parse(text) as SandboxFile);
}

export function writeSandboxFile(dir: string, content: SandboxFile): void {
  const fresh = join(dir, `sandbox.json.${process.pid}`);
  rmSync(fresh, { force: true });
  writeFileSync(fresh, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(fresh, join(dir, "sandbox.json"));
}

export function removeSandboxFile(dir: string): void {
  rmSync(join(dir, "sandbox.json"), { force: true });
}

/** Ends what a sandbox that was killed left behind; the lock must be held. */
export async function clearLeftovers(dir: string): Promise<void> {
  removeSandboxFile(dir);
  const instances = join(dir, "instances");
  for (const instanceId of namesIn(instances)) await killMarked({ instanceId, folder: join(instances, instanceId) });
  rmSync(instances, { recursive: true, force: true, maxRetries: 3 });
}

function birthOf(pid: number): string {
  return factsOf(pid)?.birth ?? "-";
}

function isAlive(holder: string): boolean {
  const [, pid, birth] = /^(\d+) (\S+)\n$/.exec(holder) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return birthOf(Number(pid)) === birth;
}

function release(lock: string, me: string): void {
  if (textOf(lock) === me) rmSync(lock, { force: true });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
