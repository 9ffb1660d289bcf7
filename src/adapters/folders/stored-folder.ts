// The folder of one stored run.

import { checksumsFile } from "../../domain/run/checksums.ts";
import type { StoredFolder } from "../../ports/stored-folder.ts";
import { readBoots } from "./boot-results.ts";
import { type OriginSigner, isOriginProven } from "./stored/origin.ts";
import { findRunFolder, readRun } from "./stored/read-run.ts";
import { RunFolder } from "./stored/run-folder.ts";

/** The folder of `run`: a path, or a name below `root`. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT */
export async function openStoredFolder(root: string, run: string, sign: OriginSigner): Promise<StoredFolder> {
  const folder = await RunFolder.open(await findRunFolder(root, run));
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
