// Boot runs stored as folders: a plan.json of kind boot, boots.ndjson, the ledger and the sums.

import { mkdir } from "node:fs/promises";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BootPlan, bootPlanSchema, type BootRecord, bootRecordSchema } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type PublishedBoots, publishedBootsSchema } from "../../domain/published/boots.ts";
import type { BootResults, BootStore, StoredBoots } from "../../ports/boot-results.ts";
import { type LedgerEntry, LedgerState } from "../../domain/cloud/ledger.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";
import { ensureFolder } from "./make-folder.ts";
import { NdjsonFile, readNdjson } from "./ndjson-file.ts";
import { packageRoot } from "./package-root.ts";
import {
  undefinedIfMissing,
  tryParse,
  parseOrCorrupt,
  folderOf,
  isBootPlan,
  pricesName,
  readJson,
  journalPresence,
  readLedger,
  readPrices,
  checksumsName,
  checksumsOf,
  writeFileAtomic,
} from "./results.ts";

const recordsName = "boots.ndjson";

/** Boot runs below `root`. */
export function bootResultFolders(root: string): BootResults {
  return { create: (plan) => create(root, plan), load: (run) => load(root, run) };
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

async function create(root: string, plan: BootPlan): Promise<BootStore> {
  const folder = join(root, plan.run);
  try {
    await ensureFolder(root);
    await mkdir(folder);
    await writeFileAtomic(join(folder, "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
  } catch (cause) {
    throw new TimetrialError("USAGE", `cannot make the results folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const records = await NdjsonFile.open(join(folder, recordsName));
  const entries: LedgerEntry[] = [];
  const ledgerFile = await NdjsonFile.open(join(folder, "ledger.ndjson"));
  const ledger: Ledger = {
    write: async (entry) => {
      const stamped = { at: new Date().toISOString(), ...entry };
      entries.push(stamped);
      await ledgerFile.append(stamped);
    },
    entries: async () => entries,
  };
  return {
    folder,
    ledger,
    append: (record) => records.append(record),
    prices: (list) => writeFileAtomic(join(folder, pricesName), `${JSON.stringify(list, null, 2)}\n`),
    close: async () => {
      await records.close();
      await ledgerFile.close();
      await writeFileAtomic(join(folder, checksumsName), await checksumsOf(folder));
    },
  };
}

async function load(root: string, run: string): Promise<StoredBoots | undefined> {
  const folder = await folderOf(root, run).catch(() => undefined);
  if (folder === undefined) return undefined;
  const path = join(folder, "plan.json");
  const said = await readJson(path);
  if (!isBootPlan(said)) return undefined;
  const plan = parseOrCorrupt(bootPlanSchema, said, path) as BootPlan;
  const fits = (value: unknown) => tryParse(bootRecordSchema, value);
  const records = await readNdjson<BootRecord>(join(folder, recordsName), fits, await journalPresence(folder));
  const ledger = await readLedger(folder);
  const prices = await readPrices(folder);
  const last = LedgerState.of(ledger).absence;
  const sums = await readFile(join(folder, checksumsName)).catch(undefinedIfMissing);
  return {
    folder,
    plan,
    records,
    ledger,
    ...(prices === undefined ? {} : { prices }),
    ...(last === undefined ? {} : { absence: { state: last.state, ids: last.ids } }),
    ...(sums === undefined ? {} : { sums: createHash("sha256").update(sums).digest("hex") }),
  };
}
