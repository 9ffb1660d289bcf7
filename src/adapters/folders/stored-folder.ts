// The folder of one stored run, or what a bundle has in its place.

import { TimetrialError } from "../../domain/errors.ts";
import { checksumsFile } from "../../domain/run/checksums.ts";
import type { StoredFolder, UnpackedRun } from "../../ports/stored-folder.ts";
import { readBoots } from "./boot-results.ts";
import { type OriginSigner, isOriginProven } from "./stored/origin.ts";
import { findRunFolder, readRun } from "./stored/read-run.ts";
import { RunFolder } from "./stored/run-folder.ts";

/** The folder of `run`: a path, or a name below `root`. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT */
export async function openStoredFolder(root: string, run: string, sign: OriginSigner): Promise<StoredFolder> {
  return storedFolder(await RunFolder.open(await findRunFolder(root, run)), sign);
}

/** The files of a bundle, which messages call `name`. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT */
export function openUnpackedRun(name: string, unpacked: UnpackedRun, sign: OriginSigner): StoredFolder {
  const folder = RunFolder.unpacked(name, unpacked);
  if (!folder.has("plan.json"))
    throw new TimetrialError("RESULTS_UNKNOWN", `${name}: expected a run with a plan.json, found no such file`);
  return storedFolder(folder, sign);
}

function storedFolder(folder: RunFolder, sign: OriginSigner): StoredFolder {
  return {
    path: folder.path,
    isOriginProven: () => isOriginProven(folder, sign),
    readRun: () => readRun(folder),
    readBoots: () => readBoots(folder),
    mismatches: () => folder.mismatches(),
    digests: () => folder.digests(),
    sums: async () => (folder.has(checksumsFile) ? await folder.digest(checksumsFile) : undefined),
    files: () => folder.files(),
    pieces: (path) => folder.pieces(path),
  };
}
