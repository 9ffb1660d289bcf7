// Lays out a suite as it arrives on a machine.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ShippedFile } from "../../domain/plan/suite.ts";

/** A temporary folder with `files`, removed when it is disposed of. */
export async function stageSuite(
  files: readonly ShippedFile[],
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "timetrial-suite-"));
  const gone = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const { path, mode, bytes } of files) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), bytes, { mode });
    }
  } catch (error) {
    await gone();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: gone };
}
