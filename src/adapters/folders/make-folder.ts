// A folder with those above it. Not by mkdir's own `recursive`: Node 20 asks for ever where a folder cannot be made in
// one that is there, as below /proc.

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes `path`, and what it lies in, as far as they are not there. Throws what the system says. */
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
