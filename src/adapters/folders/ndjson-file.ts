// Files of JSON lines that only grow. A line is on disk before the promise is kept; only the last one may be torn.

import { type FileHandle, open, readFile, truncate } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";

export class NdjsonFile {
  readonly #handle: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<NdjsonFile> {
    return new NdjsonFile(await open(path, "a", 0o644));
  }

  /** Appends `value` as a line, after all that were appended before. */
  append(value: unknown): Promise<void> {
    const line = `${JSON.stringify(value)}\n`;
    const next = this.#last.then(async () => {
      await this.#handle.appendFile(line);
      await this.#handle.datasync();
    });
    this.#last = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }
}

/** Cuts off what follows the last line end of `path`: a line that was being written when its writer died. */
export async function truncateTornLine(path: string): Promise<void> {
  const bytes = await readFile(path).catch(absent);
  const whole = bytes === undefined ? 0 : bytes.lastIndexOf("\n") + 1;
  if (bytes !== undefined && whole < bytes.length) await truncate(path, whole);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Whether a file has to be there to be read; one that may be absent has then no lines. */
export type FilePresence = "must be there" | "may be absent";

/**
 * The values in `path`, each put through `fit`. A torn last line is left out.
 *
 * @throws TimetrialError RESULTS_CORRUPT with the line, where any other line is no JSON or does not fit; and where the file
 *   is missing that must be there
 */
export async function readNdjson<T>(
  path: string,
  fit: (value: unknown) => T | { readonly fault: string },
  presence: FilePresence = "must be there",
): Promise<T[]> {
  const text = await readFile(path, "utf8").catch(absent);
  if (text === undefined && presence === "may be absent") return [];
  if (text === undefined) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: expected a journal of the run, found no such file`, {
      hint: "it was there when the run was closed: something else took it away",
    });
  }
  const lines = text.split("\n");
  lines.pop(); // "" after the last line end, or a torn line
  return lines.map((line, i) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw corrupt(path, i, `no JSON: ${JSON.stringify(line.slice(0, 80))}`, cause);
    }
    const fitted = fit(value);
    if (typeof fitted === "object" && fitted !== null && "fault" in fitted)
      throw corrupt(path, i, String(fitted.fault));
    return fitted as T;
  });
}

function corrupt(path: string, index: number, found: string, cause?: unknown): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${path}:${index + 1}: ${found}`, {
    cause,
    hint: "only the last line of a journal may be torn: this file was changed by something else",
  });
}
