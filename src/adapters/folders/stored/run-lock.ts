// The lock of a run's folder: one client at a time. The lock of a dead client is removed by the next one.
//
// The lock file is made by link(2), with its content: a lock that is empty for a moment would look like a dead client's.
//
// Synchronous: for a dozen short calls, once a run, the thread pool would cost many times the calls.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { cannotWrite } from "./atomic-file.ts";
import { TimetrialError } from "../../../domain/errors.ts";

const lockFile = "held-by";

export interface RunLock {
  release(): Promise<void>;
}

interface Holder {
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** Start time of the process in the kernel's unit; "" where the system does not show it. */
  readonly birth: string;
}

/** @throws TimetrialError REFUSED where another client holds `folder` */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, lockFile);
  const me: Holder = {
    host: hostname(),
    boot: bootId(),
    pid: process.pid,
    birth: startTimeOf(process.pid) ?? "",
  };
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(me)}\n`, { flag: "wx" });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  try {
    for (;;) {
      if (tryLink(draft, path)) return { release: () => rm(path, { force: true }) };
      const found = read(path);
      if (found === undefined) continue; // released between the two reads
      if (isAlive(found.holder, me)) throw lockedError(folder, found.holder);
      removeDeadLock(path, found.text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead client's lock. One client wins; a lock that has changed meanwhile is put back. */
function removeDeadLock(path: string, text: string): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readFileSync(aside, "utf8") !== text) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function read(path: string): { text: string; holder: Partial<Holder> } | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return { text, holder: parsed(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(text: string): Partial<Holder> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Whether the holder lives. A client on another host is taken to live: it cannot be checked from here. */
function isAlive(holder: Partial<Holder>, me: Holder): boolean {
  if (holder.host !== undefined && holder.host !== me.host) return true;
  if (holder.boot !== me.boot || typeof holder.pid !== "number") return false;
  const birth = startTimeOf(holder.pid);
  return birth !== undefined && birth === holder.birth;
}

function bootId(): string {
  return (textOf("/proc/sys/kernel/random/boot_id") ?? "").trim();
}

/** undefined where there is no such process. */
function startTimeOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // "pid (name) state ppid … birth …": the name may hold blanks; birth is the 20th after it.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? "";
  try {
    process.kill(pid, 0);
    return "";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "" : undefined;
  }
}

/** undefined where it cannot be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function lockedError(folder: string, { host, pid }: Partial<Holder>): TimetrialError {
  return new TimetrialError("REFUSED", `another client is at ${folder}: process ${pid} on ${host}`, {
    hint: `wait for its end; where it is none of timetrial's any more, remove ${join(folder, lockFile)}`,
  });
}
