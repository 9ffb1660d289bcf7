// Append-only files of JSON lines. A line is on disk when its promise is kept; only the last one may be torn.

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { TimetrialError } from "../../../domain/errors.ts";
import { jsonText } from "../../../domain/printable.ts";
import { cannotWrite } from "./atomic-file.ts";
import { openPlainFile, type RunFolder } from "./run-folder.ts";

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
export async function truncateTornLine(path: string): Promise<void> {
  const handle = await openPlainFile(path, path, constants.O_RDWR);
  try {
    const { size } = await handle.stat();
    let whole = 0;
    for (let end = size; end > 0 && whole === 0; end -= piece_bytes) {
      const begin = Math.max(0, end - piece_bytes);
      const piece = Buffer.alloc(end - begin);
      await handle.read(piece, 0, piece.length, begin);
      const at = piece.lastIndexOf("\n");
      if (at !== -1) whole = begin + at + 1;
    }
    if (whole < size) await handle.truncate(whole);
  } finally {
    await handle.close();
  }
}

/** Whether a file has to be there to be read; one that may be absent has then no lines. */
export type FilePresence = "must be there" | "may be absent";

/**
 * The values in the journal `file` of `folder`, each put through `fit`. A torn last line is left out.
 *
 * @throws TimetrialError RESULTS_CORRUPT with the line, where any other line is no JSON or does not fit; and where the file
 *   is missing that must be there
 */
export async function readNdjson<T>(
  folder: RunFolder,
  file: string,
  fit: (value: unknown) => T | { readonly fault: string },
  presence: FilePresence = "must be there",
): Promise<T[]> {
  const path = folder.shown(file);
  if (!folder.has(file)) {
    if (presence === "may be absent") return [];
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected a journal of the run, found no such file`, {
      hint: "it was there when the run was closed: something else took it away",
    });
  }
  const values: T[] = [];
  await folder.lines(file, (line, number) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw corrupt(path, number, `no JSON: ${JSON.stringify(line.slice(0, 80))}`, cause);
    }
    const fitted = fit(value);
    if (typeof fitted === "object" && fitted !== null && "fault" in fitted)
      throw corrupt(path, number, String(fitted.fault));
    values.push(fitted as T);
  });
  return values;
}

function corrupt(path: string, line: number, found: string, cause?: unknown): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${path}:${line}: ${found}`, {
    cause,
    hint: "only the last line of a journal may be torn: this file was changed by something else",
  });
}
