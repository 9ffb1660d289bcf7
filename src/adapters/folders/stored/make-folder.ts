// Makes a folder and its parents. Not by mkdir's `recursive`: Node 20 loops for ever where a folder cannot be made in
// one that exists, as below /proc.

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes `path` and its parents where they do not exist. Throws the system's error. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || above === path) throw error;
    await ensureFolder(above);
    await mkdir(path);
  }
}
