// A stored run, wherever it is: a folder, the name of one, or a bundle.

import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import { openBoots, openResults, openRunFiles } from "../wiring.ts";

/** The run that `run` names: a bundle's path, a folder's, or a folder's name below `root`. */
export async function loadRun(run: string, root: string): Promise<StoredRun> {
  const files = await bundled(run);
  if (files === undefined) return await (await openResults(root)).load(run);
  return await loadRunFromFiles(files, run);
}

/** Every file of the run, as it is; from a bundle only if the bundle is whole. */
export async function loadRunFiles(run: string, root: string): Promise<readonly ShippedFile[]> {
  return (await bundled(run)) ?? (await openRunFiles(root, run)).files;
}

/** The run whose files are `files`; it is called `name` where something is wrong with it. */
export async function loadRunFromFiles(files: readonly ShippedFile[], name: string): Promise<StoredRun> {
  return await laidOut(files, name, async (folder) => ({
    ...(await (await openResults(folder)).load(folder)),
    folder: name,
  }));
}

/** The boot run that `run` names, as `loadRun` finds it; undefined where it is no boot run, or none. */
export async function loadBoots(run: string, root: string): Promise<StoredBoots | undefined> {
  const files = await bundled(run);
  if (files === undefined) return await (await openBoots(root)).load(run);
  return await loadBootsFromFiles(files, run);
}

/** The boot run whose files are `files`; undefined where they are no boot run's. */
export async function loadBootsFromFiles(
  files: readonly ShippedFile[],
  name: string,
): Promise<StoredBoots | undefined> {
  return await laidOut(files, name, async (folder) => {
    const found = await (await openBoots(folder)).load(folder);
    return found === undefined ? undefined : { ...found, folder: name };
  });
}

/** What `read` makes of a folder with `files`; an error of it speaks of `name`. */
async function laidOut<Read>(
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
    // A run without logs or machines has no such folders in a bundle.
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

/** The files of the bundle at `path`; undefined where there is no file. */
async function bundled(path: string): Promise<ShippedFile[] | undefined> {
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
