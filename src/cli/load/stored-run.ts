// Loads a stored run from a folder, the name of a folder below the results folder, or a bundle.

import { mkdir, mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { StoredFolder } from "../../ports/stored-folder.ts";
import { openRunFolder } from "../wiring.ts";

/** Loads the run that `run` names: a bundle's path, a folder's path, or a folder's name below `root`. */
export async function loadRun(run: string, root: string): Promise<StoredRun> {
  return await withRunFolder(run, root, async (folder, name) => ({ ...(await folder.readRun()), folder: name }));
}

/**
 * Loads the boot run that `run` names, found as by `loadRun`. Undefined where there is no run, or one of another kind.
 */
export async function loadBoots(run: string, root: string): Promise<StoredBoots | undefined> {
  try {
    return await withRunFolder(run, root, async (folder, name) => {
      const found = await folder.readBoots();
      return found === undefined ? undefined : { ...found, folder: name };
    });
  } catch (error) {
    if (error instanceof TimetrialError && error.code === "RESULTS_UNKNOWN") return undefined;
    throw error;
  }
}

/**
 * Calls `use` with the folder of the run that `run` names, found as by `loadRun`, and with the name that messages use
 * for it. A bundle is read only if it is whole. It is unpacked to a temporary folder, which errors do not name.
 */
export async function withRunFolder<Result>(
  run: string,
  root: string,
  use: (folder: StoredFolder, name: string) => Promise<Result>,
): Promise<Result> {
  const files = await readBundle(run);
  if (files === undefined) {
    const folder = await openRunFolder(root, run);
    return await use(folder, folder.path);
  }
  return await withTemporaryFolder(files, run, async (path) => await use(await openRunFolder(path, path), run));
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
    return await read(folder);
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    const message = error.message.replaceAll(`${folder}/`, `${basename(name)}: `);
    throw new TimetrialError(error.code, message, {
      cause: error,
      ...defined({ hint: error.hint }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of the bundle at `path`. Undefined where `path` is no file. */
async function readBundle(path: string): Promise<ShippedFile[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return undefined;
  if (!found.isFile()) throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected a bundle or a folder of a run`);
  const { maxBundle_bytes, unbundle } = await import("../../pipeline/archive/bundle.ts");
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > maxBundle_bytes) {
      throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected at most ${maxBundle_bytes} bytes, found ${size}`);
    }
    return await unbundle(await file.readFile(), path);
  } finally {
    await file.close();
  }
}
