// Runs stored as folders. Nothing in such a folder is trusted: every file and line is checked when it is read.

import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { TimetrialError } from "../../domain/errors.ts";
import { instanceSchema } from "../../domain/cloud/instance.ts";
import { type RunLogEntry, runLogSchema } from "../../domain/run/run-log.ts";
import { type Facts, factsSchema } from "../../domain/run/machine.ts";
import { type Plan, planSchema } from "../../domain/plan/plan.ts";
import { recordSchema, type TrialRecord } from "../../domain/run/trial-record.ts";
import type { StopReason } from "../../domain/plan/stopping-rule.ts";
import { type LedgerEntry, LedgerState, ledgerSchema } from "../../domain/cloud/ledger.ts";
import { type PriceList, priceListSchema } from "../../domain/cost/price-list.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";
import type { Results, RunStore, StoredRun } from "../../ports/results.ts";
import { type RunLock, lockRun, lockFile } from "./run-lock.ts";
import { truncateTornLine, NdjsonFile, type FilePresence, readNdjson } from "./ndjson-file.ts";
import { ensureFolder } from "./make-folder.ts";

export const checksumsName = "SHA256SUMS";
const draftEnd = ".draft";
export const pricesName = "prices.json";
/** Append-only files: records, ledger and run log, in this order. */
const journals = ["records.ndjson", "ledger.ndjson", "course.ndjson"] as const;

/** Runs below `root`. */
export function resultFolders(root: string): Results {
  return {
    create: (plan) => create(root, plan),
    reopen: (run) => reopen(root, run),
    load: (run) => load(root, run),
    list: async () => (await names(root)).sort(),
  };
}

async function create(root: string, plan: Plan): Promise<RunStore> {
  const folder = join(root, plan.run);
  try {
    await ensureFolder(root);
    await mkdir(folder);
    await mkdir(join(folder, "machines"));
    await mkdir(join(folder, "logs"));
    await writeFileAtomic(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
  } catch (cause) {
    throw new TimetrialError("USAGE", `cannot make the results folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return await opened(folder, await lockRun(folder), [], []);
}

async function reopen(root: string, run: string): Promise<RunStore> {
  const folder = await folderOf(root, run);
  const held = await lockRun(folder);
  try {
    for (const name of journals) await truncateTornLine(join(folder, name));
    await removeDrafts(folder);
    const course = await readCourse(folder);
    const ledger = await readLedger(folder);
    await rm(join(folder, checksumsName), { force: true });
    return await opened(folder, held, ledger, course);
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function opened(
  folder: string,
  held: RunLock,
  entries: LedgerEntry[],
  course: readonly RunLogEntry[],
): Promise<RunStore> {
  const [records, ledgerFile, courseFile] = await Promise.all(
    journals.map((name) => NdjsonFile.open(join(folder, name))),
  );
  const files = [records, ledgerFile, courseFile] as [NdjsonFile, NdjsonFile, NdjsonFile];
  const ledger: Ledger = {
    write: async (entry) => {
      const stamped = { at: new Date().toISOString(), ...entry };
      entries.push(stamped);
      await files[1].append(stamped);
    },
    entries: async () => entries,
  };
  const closeFiles = async (): Promise<void> => {
    for (const file of files) await file.close();
  };
  return {
    folder,
    ledger,
    course,
    note: (entry) => files[2].append({ at: new Date().toISOString(), ...entry }),
    append: (record) => files[0].append(record),
    facts: async (machine, facts) => {
      await mkdir(join(folder, "machines", machine.name), { recursive: true });
      await writeFileAtomic(
        join(folder, "machines", machine.name, "facts.json"),
        `${JSON.stringify(facts, null, 2)}\n`,
      );
    },
    prices: (list) => writeFileAtomic(join(folder, pricesName), `${JSON.stringify(list, null, 2)}\n`),
    log: (name, text) => writeFileAtomic(join(folder, "logs", basename(name)), text),
    close: async () => {
      await closeFiles();
      await writeFileAtomic(join(folder, checksumsName), await checksumsOf(folder));
      await held.release();
    },
    leave: async () => {
      await closeFiles();
      await held.release();
    },
  };
}

async function load(root: string, run: string): Promise<StoredRun> {
  const folder = await folderOf(root, run);
  const said = await readJson(join(folder, "plan.json"));
  if (isBootPlan(said)) {
    throw new TimetrialError("RESULTS_UNKNOWN", `${folder} is a run of boot: expected one of compare or run`, {
      hint: "report and verify take one by itself; to measure again, boot again",
    });
  }
  const plan = parseOrCorrupt(planSchema, said, join(folder, "plan.json")) as Plan;
  const fits = (value: unknown) => tryParse(recordSchema, value);
  const records = await readNdjson<TrialRecord>(join(folder, "records.ndjson"), fits, await journalPresence(folder));
  const machines = await Promise.all(
    (await names(join(folder, "machines"))).map(async (name) => {
      const path = join(folder, "machines", name, "facts.json");
      // The client may have died between making the folder and writing the file.
      if ((await stat(path).catch(undefinedIfMissing)) === undefined) return [];
      return [{ name, facts: parseOrCorrupt(storedFactsSchema, await readJson(path), path) as Facts }];
    }),
  );
  const course = await readCourse(folder);
  const ledger = await readLedger(folder);
  const last = LedgerState.of(ledger).absence;
  const prices = await readPrices(folder);
  const stopped = course.flatMap(({ kind, ...how }) => (kind === "stopped" ? [how as StopReason] : []));
  const sums = await readFile(join(folder, checksumsName)).catch(undefinedIfMissing);
  return {
    folder,
    plan,
    records,
    ...(course.length === 0 ? {} : { finished: course.some(({ kind }) => kind === "finished") }),
    machines: machines.flat(),
    ...(stopped.length === 0 ? {} : { stopped }),
    ...(last === undefined ? {} : { absence: { state: last.state, ids: last.ids } }),
    ledger,
    ...(prices === undefined ? {} : { prices }),
    ...(sums === undefined ? {} : { sums: createHash("sha256").update(sums).digest("hex") }),
  };
}

/** Whether `said`, the value of a plan.json, belongs to a boot run. */
export function isBootPlan(said: unknown): boolean {
  return v.is(v.looseObject({ kind: v.literal("boot") }), said);
}

const storedFactsSchema = v.object({
  ...factsSchema.entries,
  suites: v.record(v.string(), v.record(v.string(), v.string())),
  instance: v.optional(instanceSchema),
});

function readCourse(folder: string): Promise<RunLogEntry[]> {
  // Runs of the first versions have no run log: they can be reported, not resumed.
  return readNdjson<RunLogEntry>(
    join(folder, "course.ndjson"),
    (value) => tryParse(runLogSchema, value),
    "may be absent",
  );
}

export async function readLedger(folder: string): Promise<LedgerEntry[]> {
  const fits = (value: unknown) => tryParse(ledgerSchema, value);
  return await readNdjson<LedgerEntry>(join(folder, "ledger.ndjson"), fits, await journalPresence(folder));
}

/** A client may have died after the plan was written and before a journal was begun. A closed run has all journals. */
export async function journalPresence(folder: string): Promise<FilePresence> {
  return (await stat(join(folder, checksumsName)).catch(undefinedIfMissing)) === undefined
    ? "may be absent"
    : "must be there";
}

/** Undefined where the run launched nothing, or was stored before prices were kept. */
export async function readPrices(folder: string): Promise<PriceList | undefined> {
  const path = join(folder, pricesName);
  if ((await stat(path).catch(undefinedIfMissing)) === undefined) return undefined;
  return parseOrCorrupt(priceListSchema, await readJson(path), path);
}

/** The folder of `run`: the name of a folder in `root`, or a path. */
export async function folderOf(root: string, run: string): Promise<string> {
  for (const path of [run, join(root, run)]) {
    const found = await stat(join(path, "plan.json")).catch(undefinedIfMissing);
    if (found?.isFile() === true) return path;
  }
  const known = (await names(root)).sort().slice(-3);
  throw new TimetrialError(
    "RESULTS_UNKNOWN",
    `there is no run ${JSON.stringify(run)}: expected a folder with a plan.json`,
    {
      hint: known.length === 0 ? `there is none in ${root}` : `the newest in ${root}: ${known.join(", ")}`,
    },
  );
}

async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(undefinedIfMissing);
  return (entries ?? []).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: ${(cause as Error).message}`, { cause });
  }
}

export function tryParse<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> | { fault: string } {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const got = JSON.stringify(issue.input)?.slice(0, 80) ?? "nothing";
  return { fault: `${v.getDotPath(issue) ?? "the line"}: expected ${issue.expected ?? "something else"}, got ${got}` };
}

export function parseOrCorrupt<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  path: string,
): v.InferOutput<S> {
  const result = tryParse(schema, value);
  if (typeof result === "object" && result !== null && "fault" in result) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: ${String(result.fault)}`);
  }
  return result as v.InferOutput<S>;
}

/** Lines as sha256sum(1) prints them, sorted by path, for every file of the run except the sums. */
export async function checksumsOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path !== checksumsName && !path.startsWith(lockFile))
    .sort();
  const lines = await Promise.all(
    paths.map(
      async (path) =>
        `${createHash("sha256")
          .update(await readFile(join(folder, path)))
          .digest("hex")}  ${path}\n`,
    ),
  );
  return lines.join("");
}

/** Replaces `path` atomically: it holds the old text or the new one whenever the process dies. */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const draft = `${path}${draftEnd}`;
  const file = await open(draft, "w", 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** Removes drafts of writers that died before their file was whole. */
async function removeDrafts(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(draftEnd)) await rm(join(entry.parentPath, entry.name), { force: true });
}
