// Runs stored as folders: written here, read by read-run.ts.

import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import type { LedgerEntry } from "../../domain/cloud/ledger.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import { jsonText, safeFileName } from "../../domain/printable.ts";
import { checksumsFile } from "../../domain/run/checksums.ts";
import type { RunLogEntry } from "../../domain/run/run-log.ts";
import type { Results, RunStore } from "../../ports/results.ts";
import { draftEnd, writeFileAtomic } from "./stored/atomic-file.ts";
import { ensureFolder } from "./stored/make-folder.ts";
import { NdjsonFile, truncateTornLine } from "./stored/ndjson-file.ts";
import { originFile, type OriginSigner } from "./stored/origin.ts";
import { plainPath, pricesName, RunFolder } from "./stored/run-folder.ts";
import { StoredLedger } from "./stored/stored-ledger.ts";
import { type RunLock, lockRun } from "./stored/run-lock.ts";

/** Append-only files: records, ledger and run log, in this order. */
const journals = ["records.ndjson", "ledger.ndjson", "course.ndjson"] as const;

/** The file that keeps the spec file that a run was made by. */
export const specName = "spec.toml";

/**
 * Runs below `root`. `sign` marks those that are begun here; without it runs bear no mark. `spec`: the text of the spec
 * file that the runs which are created are made by, for them to keep.
 *
 * @example
 * import { resultFolders } from "timetrial/adapters";
 *
 * const results = resultFolders("results");
 * for (const name of await results.list()) console.log((await results.load(name)).plan.spec.baseline);
 */
export function resultFolders(root: string, sign?: OriginSigner, spec?: string): Results {
  const below = plainPath(root);
  return {
    create: (plan) => create(below, plan, sign, spec),
    reopen: (run) => reopen(below, run),
    load: async (run) => {
      const { findRunFolder, readRun } = await reading();
      return await readRun(await RunFolder.open(await findRunFolder(below, run)));
    },
    list: async () => (await reading()).namesOfRuns(below),
  };
}

/** What reads and checks a stored run. A run that begins needs none of it. */
const reading = () => import("./stored/read-run.ts");

async function create(root: string, plan: Plan, sign?: OriginSigner, spec?: string): Promise<RunStore> {
  const folder = join(root, plan.run);
  const text = `${jsonText(plan, 2)}\n`;
  try {
    ensureFolder(root);
    mkdirSync(folder);
    mkdirSync(join(folder, "machines"));
    mkdirSync(join(folder, "logs"));
    if (spec !== undefined) await writeFileAtomic(join(folder, specName), spec);
    // The proof comes first: a client that is killed between the two must not leave a plan that nobody began here.
    const mark = await sign?.(text);
    if (mark !== undefined) await writeFileAtomic(join(folder, originFile), `${mark}\n`);
    await writeFileAtomic(join(folder, "plan.json"), text);
  } catch (cause) {
    throw new TimetrialError("USAGE", `cannot make the results folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const held = await lockRun(folder);
  try {
    return await opened(folder, held, [], []);
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function reopen(root: string, run: string): Promise<RunStore> {
  const { findRunFolder, readLedger, readRunLog } = await reading();
  const folder = await findRunFolder(root, run);
  // Nothing is written into a folder with links or worse in it.
  const before = await RunFolder.open(folder);
  const held = await lockRun(folder);
  try {
    for (const name of journals) if (before.has(name)) truncateTornLine(join(folder, name));
    await removeDrafts(folder);
    const now = await RunFolder.open(folder);
    const runLog = await readRunLog(now);
    const ledger = await readLedger(now);
    await rm(join(folder, checksumsFile), { force: true });
    return await opened(folder, held, ledger, runLog);
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function opened(
  folder: string,
  held: RunLock,
  entries: LedgerEntry[],
  runLog: readonly RunLogEntry[],
): Promise<RunStore> {
  const [records, ledgerFile, logFile] = await openJournals(folder);
  const ledger = new StoredLedger(ledgerFile, entries);
  const closeFiles = (): Promise<void> => closeAll([records, ledgerFile, logFile]);
  return {
    folder,
    ledger,
    runLog,
    note: (entry) => logFile.append({ at: new Date().toISOString(), ...entry }),
    append: (record) => records.append(record),
    facts: async (machine, facts) => {
      const own = join(folder, "machines", safeFileName(machine.name));
      ensureFolder(own);
      await writeFileAtomic(join(own, "facts.json"), `${jsonText(facts, 2)}\n`);
    },
    prices: (list) => writeFileAtomic(join(folder, pricesName), `${jsonText(list, 2)}\n`),
    log: (name, text) => writeFileAtomic(join(folder, "logs", safeFileName(name)), text),
    close: async () => {
      try {
        await closeFiles();
        ledger.throwIfIncomplete();
        await writeFileAtomic(join(folder, checksumsFile), await checksumsOf(folder));
      } finally {
        await held.release();
      }
    },
    leave: async () => {
      await closeFiles();
      await held.release();
    },
  };
}

/** Opens all journals, or none. */
async function openJournals(folder: string): Promise<[NdjsonFile, NdjsonFile, NdjsonFile]> {
  const all = await Promise.allSettled(journals.map((name) => NdjsonFile.open(join(folder, name))));
  const open = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = all.find((one) => one.status === "rejected");
  if (failed === undefined) return open as [NdjsonFile, NdjsonFile, NdjsonFile];
  await closeAll(open);
  throw failed.reason;
}

/** Closes every file, and throws the first error only then. */
async function closeAll(files: readonly NdjsonFile[]): Promise<void> {
  const all = await Promise.allSettled(files.map((file) => file.close()));
  const failed = all.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Lines as sha256sum(1) prints them, sorted by path, for every file of the run except the sums and locks. */
export async function checksumsOf(folder: string): Promise<string> {
  const digests = await (await RunFolder.open(folder)).digests();
  return [...digests].map(([path, digest]) => `${digest}  ${path}\n`).join("");
}

/** Removes drafts of writers that died before their file was whole. */
async function removeDrafts(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(draftEnd)) await rm(join(entry.parentPath, entry.name), { force: true });
}
