// Reads stored runs. Nothing in their folders is trusted: every file and line is checked.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { defined } from "../../../domain/defined.ts";
import { TimetrialError } from "../../../domain/errors.ts";
import { type LedgerEntry, ledgerSchema } from "../../../domain/cloud/ledger.ts";
import { type PriceList, priceListSchema } from "../../../domain/cost/price-list.ts";
import { checksumsFile } from "../../../domain/run/checksums.ts";
import { type Facts, factsSchema } from "../../../domain/run/machine.ts";
import { instanceSchema } from "../../../domain/cloud/instance.ts";
import { type RunLogEntry, runLogSchema } from "../../../domain/run/run-log.ts";
import { type Plan, planSchema } from "../../../domain/plan/plan.ts";
import type { StopReason } from "../../../domain/plan/stopping-rule.ts";
import type { StoredRun } from "../../../ports/results.ts";
import { type FilePresence, readNdjson, readRecords } from "./read-journal.ts";
import { parseJson, parseOrCorrupt, tryParse, undefinedIfMissing } from "./parse-stored.ts";
import { plainPath, pricesName, RunFolder } from "./run-folder.ts";

/** Parses the run in `folder`. @throws TimetrialError RESULTS_CORRUPT, RESULTS_UNKNOWN where it is a run of boot */
export async function readRun(folder: RunFolder): Promise<StoredRun> {
  const planJson = await readPlan(folder);
  if (isBootPlan(planJson)) {
    throw new TimetrialError("RESULTS_UNKNOWN", `${folder.path} is a run of boot: expected one of compare or run`, {
      hint: "report and verify take one by itself; to measure again, boot again",
    });
  }
  const plan = parseOrCorrupt(planSchema, planJson, folder.shown("plan.json")) as Plan;
  const records = await readRecords(folder, "records.ndjson", journalPresence(folder));
  const machines: { name: string; facts: Facts }[] = [];
  for (const name of folder.foldersWith("machines", "facts.json")) {
    const file = `machines/${name}/facts.json`;
    const path = folder.shown(file);
    machines.push({
      name,
      facts: parseOrCorrupt(storedFactsSchema, parseJson(await folder.text(file), path), path) as Facts,
    });
  }
  const course = await readRunLog(folder);
  const stopped = course.flatMap(({ kind, ...how }) => (kind === "stopped" ? [how as StopReason] : []));
  return {
    folder: folder.path,
    plan,
    records,
    ...(course.length === 0 ? {} : { finished: course.some(({ kind }) => kind === "finished") }),
    machines,
    ...(stopped.length === 0 ? {} : { stopped }),
    ...(await readClosing(folder)),
  };
}

/** What every kind of run has beside its plan and records. */
interface ClosedState {
  readonly ledger: readonly LedgerEntry[];
  readonly absence?: { readonly state: string; readonly ids: readonly string[] };
  readonly prices?: PriceList;
  readonly sums?: string;
  readonly changed?: readonly string[];
}

/** Reads the ledger, the prices and the sums of `folder`, and compares every file with the sums. */
export async function readClosing(folder: RunFolder): Promise<ClosedState> {
  const ledger = await readLedger(folder);
  const last = ledger.findLast((entry) => entry.kind === "absence");
  const prices = await readPrices(folder);
  const closed = folder.has(checksumsFile);
  const changed = closed ? [...new Set((await folder.mismatches()).map(({ path }) => path))] : [];
  return {
    ...(last === undefined ? {} : { absence: { state: last.state, ids: last.ids } }),
    ledger,
    ...defined({ prices }),
    ...(closed ? { sums: await folder.digest(checksumsFile) } : {}),
    ...(changed.length === 0 ? {} : { changed }),
  };
}

/** The value of plan.json. */
export async function readPlan(folder: RunFolder): Promise<unknown> {
  return parseJson(await folder.text("plan.json"), folder.shown("plan.json"));
}

/** Whether `said`, the value of a plan.json, belongs to a boot run. */
export function isBootPlan(planJson: unknown): boolean {
  return v.is(v.looseObject({ kind: v.literal("boot") }), planJson);
}

const storedFactsSchema = v.object({
  ...factsSchema.entries,
  suites: v.record(v.string(), v.record(v.string(), v.string())),
  instance: v.optional(instanceSchema),
});

/** Reads course.ndjson. Runs of the first versions have none: they can be reported, not resumed. */
export function readRunLog(folder: RunFolder): Promise<RunLogEntry[]> {
  return readNdjson<RunLogEntry>(folder, "course.ndjson", (value) => tryParse(runLogSchema, value), "may be absent");
}

export async function readLedger(folder: RunFolder): Promise<LedgerEntry[]> {
  const fits = (value: unknown) => tryParse(ledgerSchema, value);
  return await readNdjson<LedgerEntry>(folder, "ledger.ndjson", fits, journalPresence(folder));
}

/** A client may have died after the plan was written and before a journal was begun. A closed run has all journals. */
export function journalPresence(folder: RunFolder): FilePresence {
  return folder.has(checksumsFile) ? "must be there" : "may be absent";
}

/** Undefined where the run launched nothing, or was stored before prices were kept. */
async function readPrices(folder: RunFolder): Promise<PriceList | undefined> {
  if (!folder.has(pricesName)) return undefined;
  const path = folder.shown(pricesName);
  return parseOrCorrupt(priceListSchema, parseJson(await folder.text(pricesName), path), path);
}

/**
 * The folder of `run`: a path, or a name below `root`. All spellings of a path give one: without `./` in front, doubled
 * slashes, or one at the end.
 */
export async function findRunFolder(root: string, run: string): Promise<string> {
  for (const path of [run, join(root, run)].map(plainPath)) {
    const found = await stat(join(path, "plan.json")).catch(undefinedIfMissing);
    if (found !== undefined) return path;
  }
  const known = (await namesOfRuns(root)).slice(-3);
  throw new TimetrialError(
    "RESULTS_UNKNOWN",
    `there is no run ${JSON.stringify(run)}: expected a folder with a plan.json`,
    {
      hint: known.length === 0 ? `there is none in ${root}` : `the newest in ${root}: ${known.join(", ")}`,
    },
  );
}

/** Names of all folders in `root`, sorted. */
export async function namesOfRuns(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(undefinedIfMissing);
  return (entries ?? [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
