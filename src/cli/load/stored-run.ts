// Loads a stored run from a folder, the name of a folder below the results folder, or a bundle.

import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import { openBoots, openResults, openRunFiles } from "../wiring.ts";

/** Loads the run that `run` names: a bundle's path, a folder's path, or a folder's name below `root`. */
export async function loadRun(run: string, root: string): Promise<StoredRun> {
  const files = await readBundle(run);
  if (files === undefined) return await (await openResults(root)).load(run);
  return await loadRunFromFiles(files, run);
}

/** Reads every file of the run. A bundle is read only if it is whole. */
export async function loadRunFiles(run: string, root: string): Promise<readonly ShippedFile[]> {
  return (await readBundle(run)) ?? (await openRunFiles(root, run)).files;
}

/** Parses the run whose files are `files`. Errors call it `name`. */
export async function loadRunFromFiles(files: readonly ShippedFile[], name: string): Promise<StoredRun> {
  return await withTemporaryFolder(files, name, async (folder) => ({
    ...(await (await openResults(folder)).load(folder)),
    folder: name,
  }));
}

/** Loads the boot run that `run` names, as `loadRun` finds it. Undefined where there is none, or it is of another kind. */
export async function loadBoots(run: string, root: string): Promise<StoredBoots | undefined> {
  const files = await readBundle(run);
  if (files === undefined) return await (await openBoots(root)).load(run);
  return await loadBootsFromFiles(files, run);
}

/** Parses the boot run whose files are `files`. Undefined where they belong to another kind of run. */
export async function loadBootsFromFiles(
  files: readonly ShippedFile[],
  name: string,
): Promise<StoredBoots | undefined> {
  return await withTemporaryFolder(files, name, async (folder) => {
    const found = await (await openBoots(folder)).load(folder);
    return found === undefined ? undefined : { ...found, folder: name };
  });
}

/** Calls `read` with a temporary folder that holds `files`. Its errors name `name` instead of that folder. */
async function withTemporaryFolder<Read>(
  files: readonly ShippedFile[],
  name: string,
  read: (folder: string) => Promise<Read>,
): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), "timetrial-bundle-"));
  try {
    for (const { path, bytes } of files) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    // A bundle has no empty folders.
    await mkdir(join(folder, "machines"), { recursive: true });
    return await read(folder);
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    const message = error.message.replaceAll(`${folder}/`, `${basename(name)}: `);
    throw new TimetrialError(error.code, message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of the bundle at `path`. Undefined where `path` is no file. */
async function readBundle(path: string): Promise<ShippedFile[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const { maxBundle_bytes: mostPacked_bytes, unbundle } = await import("../../pipeline/archive/bundle.ts");
  if (found.size > mostPacked_bytes) {
    throw new TimetrialError(
      "RESULTS_CORRUPT",
      `${path}: expected at most ${mostPacked_bytes} bytes, found ${found.size}`,
    );
  }
  return await unbundle(await readFile(path), path);
}
