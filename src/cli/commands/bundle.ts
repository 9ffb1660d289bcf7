// `bundle`: packs a stored run into one file that `report` and `verify` can read anywhere.

import { print } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import { findRun } from "../output/results-root.ts";
import { createHash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { writeBundle } from "../../pipeline/archive/bundle.ts";
import { openRunFolder } from "../wiring.ts";

export interface BundleOptions {
  readonly out?: string;
  readonly results: string;
}

export async function bundleCommand(named: string, options: BundleOptions): Promise<number> {
  const run = await findRun(named, options.results);
  const folder = await openRunFolder(options.results, run);
  const out = options.out ?? `${basename(resolve(folder.path))}.tar.gz`;
  const file = await created(out);
  try {
    const { files, bytes } = await writeBundle(folder, (piece, at) => written(out, file, piece, at));
    print(printableLines(`${out}: ${files} files, ${bytes} bytes, SHA-256 ${await digestOf(file)}\n`));
    return 0;
  } catch (error) {
    // Half a bundle is of no use, and would be in the way of the next try.
    await rm(out, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Creates the file `out`. An existing file is never overwritten: it may be the only copy. */
async function created(out: string): Promise<FileHandle> {
  try {
    return await open(out, "wx+");
  } catch (cause) {
    throw cannotWrite(out, cause);
  }
}

async function written(out: string, file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  } catch (cause) {
    throw cannotWrite(out, cause);
  }
}

/** Returns the SHA-256 of `file`. Its begin is written last, so it cannot be hashed as it is written. */
async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(2 ** 20);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

function cannotWrite(out: string, cause: unknown): TimetrialError {
  return new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(out)}: ${(cause as Error).message}`, {
    cause,
  });
}
