// Makes a folder and its parents. Not by mkdir's `recursive`: Node 20 loops for ever where a folder cannot be made in
// one that exists, as below /proc. Synchronous, as mkdir(2) is short.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes `path` and its parents where they do not exist. Throws the system's error. */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || above === path) throw error;
    ensureFolder(above);
    mkdirSync(path);
  }
}
