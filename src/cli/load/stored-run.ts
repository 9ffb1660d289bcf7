// Loads a stored run from a folder, the name of a folder below the results folder, or a bundle.

import { type FileHandle, open, stat } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { StoredFolder } from "../../ports/stored-folder.ts";
import { openRunFolder } from "../wiring.ts";
import { limitInlining } from "./limit-inlining.ts";

/** Loads the run that `run` names: a bundle's path, a folder's path, or a folder's name below `root`. */
export async function loadRun(run: string, root: string): Promise<StoredRun> {
  return await withRunFolder(run, root, async (folder, name) => ({ ...(await folder.readRun()), folder: name }));
}

/** A stored run of one kind or the other. */
type EitherRun =
  { readonly boots: StoredBoots; readonly run?: never } | { readonly run: StoredRun; readonly boots?: never };

/**
 * Loads the run of either kind that `run` names, found as by `loadRun`; a bundle is unpacked once for both. `beforeRun` is
 * called before the records of a run that is none of boot are read, which may be many. Undefined where there is no run.
 */
export async function loadEither(run: string, root: string, beforeRun?: () => void): Promise<EitherRun | undefined> {
  try {
    return await withRunFolder(run, root, async (folder, name) => {
      const boots = await folder.readBoots();
      if (boots !== undefined) return { boots: { ...boots, folder: name } };
      beforeRun?.();
      return { run: { ...(await folder.readRun()), folder: name } };
    });
  } catch (error) {
    if (error instanceof TimetrialError && error.code === "RESULTS_UNKNOWN") return undefined;
    throw error;
  }
}

/**
 * Calls `use` with the folder of the run that `run` names, found as by `loadRun`, and with the name that messages use
 * for it. A bundle is read only if it is whole.
 */
export async function withRunFolder<Result>(
  run: string,
  root: string,
  use: (folder: StoredFolder, name: string) => Promise<Result>,
): Promise<Result> {
  const useFast = async (folder: StoredFolder, name: string): Promise<Result> => {
    await limitInlining(folder);
    return await use(folder, name);
  };
  const bundle = await openBundle(run);
  if (bundle === undefined) {
    const folder = await openRunFolder(root, run);
    return await useFast(folder, folder.path);
  }
  try {
    const { withUnpacked } = await import("./unpacked-bundle.ts");
    return await withUnpacked(bundle, run, async (folder) => await useFast(folder, run));
  } finally {
    await bundle.close();
  }
}

/** Opens the bundle at `path`. Undefined where `path` is no file. */
async function openBundle(path: string): Promise<FileHandle | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return undefined;
  if (!found.isFile()) throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected a bundle or a folder of a run`);
  return await open(path);
}
