// Loads a stored run from a folder, the name of a folder below the results folder, or a bundle.

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { defined } from "../../domain/defined.ts";
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
 * for it. A bundle is read only if it is whole. It is unpacked to a temporary folder, which errors do not name.
 */
export async function withRunFolder<Result>(
  run: string,
  root: string,
  use: (folder: StoredFolder, name: string) => Promise<Result>,
): Promise<Result> {
  const bundle = await openBundle(run);
  if (bundle === undefined) {
    const folder = await openToRead(root, run);
    return await use(folder, folder.path);
  }
  try {
    return await withTemporaryFolder(bundle, run, async (path) => await use(await openToRead(path, path), run));
  } finally {
    await bundle.close();
  }
}

async function openToRead(root: string, run: string): Promise<StoredFolder> {
  const folder = await openRunFolder(root, run);
  await limitInlining(folder);
  return folder;
}

/** Calls `read` with a temporary folder that `bundle` is unpacked to. Its errors name `name` instead of that folder. */
async function withTemporaryFolder<Read>(
  bundle: FileHandle,
  name: string,
  read: (folder: string) => Promise<Read>,
): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), "timetrial-bundle-"));
  try {
    await unpack(bundle, name, folder);
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

/** Writes the files of `bundle`, which messages call `name`, into `folder`. */
async function unpack(bundle: FileHandle, name: string, folder: string): Promise<void> {
  const { unbundle } = await import("../../pipeline/archive/unbundle.ts");
  const { size } = await bundle.stat();
  let latest: { readonly path: string; readonly file: number } | undefined;
  const close = (): void => {
    if (latest !== undefined) closeSync(latest.file);
    latest = undefined;
  };
  const append = (path: string, bytes: Uint8Array): void => {
    if (latest?.path !== path) {
      close();
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      latest = { path, file: openSync(join(folder, path), "wx") };
    }
    for (let at = 0; at < bytes.length;) at += writeSync((latest as NonNullable<typeof latest>).file, bytes, at);
  };
  try {
    await unbundle({ name, size, pieces: (from, to) => piecesOf(bundle, from, to) }, append);
  } finally {
    close();
  }
}

/** Opens the bundle at `path`. Undefined where `path` is no file. */
async function openBundle(path: string): Promise<FileHandle | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return undefined;
  if (!found.isFile()) throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected a bundle or a folder of a run`);
  return await open(path);
}

/** Yields the bytes of `file` from one place to another. */
async function* piecesOf(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to;) {
    const buffer = Buffer.allocUnsafe(Math.min(2 ** 18, to - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
