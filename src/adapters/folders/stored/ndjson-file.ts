// Append-only files of JSON lines. A line is on disk when its promise is kept; only the last one may be torn.

import { closeSync, constants, ftruncateSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { jsonText } from "../../../domain/printable.ts";
import { cannotWrite } from "./atomic-file.ts";
import { openPlainFile } from "./run-folder.ts";

export class NdjsonFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();
  /** Lines that the next write takes, and its promise. */
  #waiting: string[] = [];
  #next: Promise<void> | undefined;
  /** Length of what was written whole. Bytes. */
  #length: number;

  private constructor(handle: FileHandle, path: string, length: number) {
    this.#handle = handle;
    this.#path = path;
    this.#length = length;
  }

  static async open(path: string): Promise<NdjsonFile> {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
    try {
      // oxlint-disable-next-line no-bitwise -- flags of open(2)
      const handle = await open(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o644);
      try {
        return new NdjsonFile(handle, path, (await handle.stat()).size);
      } catch (cause) {
        await handle.close();
        throw cause;
      }
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  }

  /** Appends `value` as a line, after all that were appended before. Lines that wait for one write share the next. */
  append(value: unknown): Promise<void> {
    this.#waiting.push(`${jsonText(value)}\n`);
    if (this.#next !== undefined) return this.#next;
    const next = this.#last.then(() => this.#write());
    this.#next = next;
    this.#last = next.catch(() => {});
    return next;
  }

  async #write(): Promise<void> {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#next = undefined;
    try {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
      this.#length += Buffer.byteLength(text);
    } catch (cause) {
      // A full disk takes a part of it: what is appended later must not follow half a line.
      await this.#handle.truncate(this.#length).catch(() => {});
      throw cannotWrite(this.#path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }
}

/** Bytes read at once, from the end backwards. */
const piece_bytes = 65_536;

/** Cuts off what follows the last line end of `path`: a line that was being written when its writer died. */
export function truncateTornLine(path: string): void {
  const { descriptor, size } = openPlainFile(path, path, constants.O_RDWR);
  try {
    let whole = 0;
    for (let end = size; end > 0 && whole === 0; end -= piece_bytes) {
      const begin = Math.max(0, end - piece_bytes);
      const piece = Buffer.alloc(end - begin);
      readSync(descriptor, piece, 0, piece.length, begin);
      const at = piece.lastIndexOf("\n");
      if (at !== -1) whole = begin + at + 1;
    }
    if (whole < size) ftruncateSync(descriptor, whole);
  } finally {
    closeSync(descriptor);
  }
}
