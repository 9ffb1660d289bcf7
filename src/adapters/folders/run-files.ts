// Reads all files of a run's folder, for verify and bundle.

import { readdir, readFile, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";

/** Largest size of a run. Bytes. */
const most_bytes = 256 * 2 ** 20;

/**
 * Reads every file in `folder`, sorted by path. Links and everything else that is neither file nor folder are refused.
 *
 * @throws TimetrialError RESULTS_CORRUPT
 */
export async function runFiles(folder: string): Promise<ShippedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: ShippedFile[] = [];
  let length = 0;
  for (const entry of entries) {
    const whole = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) continue;
    if (!entry.isFile())
      throw new TimetrialError("RESULTS_CORRUPT", `${whole}: expected a plain file, found something else`);
    length += (await stat(whole)).size;
    if (length > most_bytes)
      throw new TimetrialError("RESULTS_CORRUPT", `${folder}: expected at most ${most_bytes} bytes`);
    files.push({
      path: whole.slice(join(folder, sep).length).split(sep).join("/"),
      mode: 0o644,
      bytes: await readFile(whole),
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
