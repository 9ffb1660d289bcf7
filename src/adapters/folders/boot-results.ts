// Boot runs stored as folders: a plan.json of kind boot, boots.ndjson, the ledger and the sums.

import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BootPlan, bootPlanSchema, type BootRecord, bootRecordSchema } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { jsonText } from "../../domain/printable.ts";
import { type PublishedBoots, publishedBootsSchema } from "../../domain/published/boots.ts";
import { checksumsFile } from "../../domain/run/checksums.ts";
import type { BootResults, BootStore, StoredBoots } from "../../ports/boot-results.ts";
import { writeFileAtomic } from "./stored/atomic-file.ts";
import { ensureFolder } from "./stored/make-folder.ts";
import { NdjsonFile } from "./stored/ndjson-file.ts";
import { readNdjson } from "./stored/read-journal.ts";
import { packageRoot } from "./package-root.ts";
import { parseOrCorrupt, readJson, tryParse, undefinedIfMissing } from "./stored/parse-stored.ts";
import { findRunFolder, isBootPlan, journalPresence, readClosing, readPlan } from "./stored/read-run.ts";
import { checksumsOf, specName } from "./results.ts";
import { plainPath, pricesName, RunFolder } from "./stored/run-folder.ts";
import { StoredLedger } from "./stored/stored-ledger.ts";

const recordsName = "boots.ndjson";

/**
 * Boot runs below `root`. `spec`: the text of the spec file that the runs which are created are made by, for them to keep.
 *
 * @example
 * import { bootResultFolders } from "timetrial/adapters";
 *
 * const run = await bootResultFolders("results").load("20261124-031500-3fa9");
 * console.log(run?.records.length ?? "not a boot run");
 */
export function bootResultFolders(root: string, spec?: string): BootResults {
  const below = plainPath(root);
  return {
    create: (plan) => create(below, plan, spec),
    load: async (run) => {
      const path = await findRunFolder(below, run).catch(() => undefined);
      return path === undefined ? undefined : await readBoots(await RunFolder.open(path));
    },
  };
}

/** Published boot times of `reference/` under `id`. Undefined where there are none. @throws TimetrialError RESULTS_CORRUPT */
export async function readPublishedBoots(id: string): Promise<PublishedBoots | undefined> {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) return undefined;
  const path = join(packageRoot().folder, "reference", `ec2-${id}.json`);
  if ((await readFile(path).catch(undefinedIfMissing)) === undefined) return undefined;
  return parseOrCorrupt(publishedBootsSchema, await readJson(path), path);
}

/** The ids of all published boot times. */
export async function publishedBootIds(): Promise<string[]> {
  const files = await readdir(join(packageRoot().folder, "reference"));
  return files.flatMap((file) => /^ec2-(boot-.+)\.json$/.exec(file)?.[1] ?? []).sort();
}

async function create(root: string, plan: BootPlan, spec: string | undefined): Promise<BootStore> {
  const folder = join(root, plan.run);
  try {
    ensureFolder(root);
    await mkdir(folder);
    if (spec !== undefined) await writeFileAtomic(join(folder, specName), spec);
    await writeFileAtomic(join(folder, "plan.json"), `${jsonText(plan, 2)}\n`);
  } catch (cause) {
    throw new TimetrialError("USAGE", `cannot make the results folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const records = await NdjsonFile.open(join(folder, recordsName));
  const ledgerFile = await NdjsonFile.open(join(folder, "ledger.ndjson"));
  const ledger = new StoredLedger(ledgerFile, []);
  return {
    folder,
    ledger,
    append: (record) => records.append(record),
    prices: (list) => writeFileAtomic(join(folder, pricesName), `${jsonText(list, 2)}\n`),
    close: async () => {
      await records.close();
      await ledgerFile.close();
      ledger.throwIfIncomplete();
      await writeFileAtomic(join(folder, checksumsFile), await checksumsOf(folder));
    },
  };
}

/** Parses the boot run in `folder`. Undefined where it is a run of another kind. @throws TimetrialError RESULTS_CORRUPT */
export async function readBoots(folder: RunFolder): Promise<StoredBoots | undefined> {
  const planJson = await readPlan(folder);
  if (!isBootPlan(planJson)) return undefined;
  const plan = parseOrCorrupt(bootPlanSchema, planJson, folder.shown("plan.json")) as BootPlan;
  const fits = (value: unknown) => tryParse(bootRecordSchema, value);
  const records = await readNdjson<BootRecord>(folder, recordsName, fits, journalPresence(folder));
  return { folder: folder.path, plan, records, ...(await readClosing(folder)) };
}
