// Unpacks a bundle: into memory, since to make, write and read files takes longer than to analyse them, or to a temporary
// folder where it is too large.

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { unbundle } from "../../pipeline/archive/unbundle.ts";
import type { StoredFolder } from "../../ports/stored-folder.ts";
import { openRunFolder, openUnpacked } from "../wiring.ts";

/** Most bytes that are kept in memory: 170,000 records, or so. */
const mostInMemory_bytes = 128 * 2 ** 20;

/** Calls `use` with the folder of the run in `bundle`, which messages call `name`. Errors do not name a temporary folder. */
export async function withUnpacked<Result>(
  bundle: FileHandle,
  name: string,
  use: (folder: StoredFolder) => Promise<Result>,
): Promise<Result> {
  const { size } = await bundle.stat();
  const files = new UnpackedFiles();
  try {
    const source = { name, size, pieces: (from: number, to: number) => piecesOf(bundle, from, to) };
    const digests = await unbundle(source, files.take);
    files.end();
    const { folder, inMemory } = files;
    return await use(
      folder === undefined
        ? await openUnpacked(basename(name), { files: inMemory, digests })
        : await openRunFolder(folder, folder),
    );
  } catch (error) {
    if (!(error instanceof TimetrialError) || files.folder === undefined) throw error;
    const message = error.message.replaceAll(`${files.folder}/`, `${basename(name)}: `);
    throw new TimetrialError(error.code, message, { cause: error, ...defined({ hint: error.hint }) });
  } finally {
    files.end();
    if (files.folder !== undefined) rmSync(files.folder, { recursive: true, force: true });
  }
}

interface WrittenFile {
  readonly path: string;
  readonly descriptor: number;
}

/** Takes the files of a bundle, one behind the other. */
class UnpackedFiles {
  readonly inMemory = new Map<string, Buffer[]>();
  /** Where all of them are once they are too large for the memory. */
  folder: string | undefined;
  #bytes = 0;
  #latest: WrittenFile | undefined;

  readonly take = (path: string, bytes: Buffer): void => {
    this.#bytes += bytes.length;
    if (this.#bytes > mostInMemory_bytes) this.#toFolder();
    if (this.folder !== undefined) return this.#write(path, bytes);
    const pieces = this.inMemory.get(path);
    if (pieces === undefined) this.inMemory.set(path, [bytes]);
    else pieces.push(bytes);
  };

  /** Closes the file that was written last. */
  end(): void {
    if (this.#latest !== undefined) closeSync(this.#latest.descriptor);
    this.#latest = undefined;
  }

  #toFolder(): void {
    this.folder ??= mkdtempSync(join(tmpdir(), "timetrial-bundle-"));
    for (const [path, pieces] of this.inMemory) for (const bytes of pieces) this.#write(path, bytes);
    this.inMemory.clear();
  }

  #write(path: string, bytes: Buffer): void {
    if (this.#latest?.path !== path) {
      this.end();
      const target = join(this.folder as string, path);
      mkdirSync(dirname(target), { recursive: true });
      this.#latest = { path, descriptor: openSync(target, "wx") };
    }
    for (let at = 0; at < bytes.length;) at += writeSync(this.#latest.descriptor, bytes, at);
  }
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
