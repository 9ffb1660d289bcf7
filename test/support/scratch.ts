// Where tests write many files: in memory where that is large enough and programs run from there, since a file system with a
// journal takes up to ten times the CPU; else where all temporary files are.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const inMemory = "/dev/shm";
const enough_bytes = 4e9;

function isUsable(): boolean {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize < enough_bytes) return false;
    const folder = mkdtempSync(join(inMemory, "timetrial-"));
    try {
      const program = join(folder, "program");
      writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
      return spawnSync(program).status === 0;
    } finally {
      rmSync(folder, { recursive: true });
    }
  } catch {
    return false;
  }
}

const parent = isUsable() ? inMemory : tmpdir();

/** Makes a folder of this name, with letters behind it that no other has. */
export const scratchFolder = (name: string): string => mkdtempSync(join(parent, `${name}-`));
