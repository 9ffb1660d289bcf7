// Reads the folder of a stored run. It may come from anywhere: links, FIFOs, devices, names that a terminal could obey and
// files over a stated size are refused before anything is read.
//
// Journals are read in pieces: a run of a million trials is larger than any string.

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, normalize, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { TimetrialError } from "../../../domain/errors.ts";
import { printable } from "../../../domain/printable.ts";
import { checksumsFile, type ChecksumMismatch, compareChecksums } from "../../../domain/run/checksums.ts";
import type { StoredFile, UnpackedRun } from "../../../ports/stored-folder.ts";

/** The file of the prices that were known when the run began. */
export const pricesName = "prices.json";

/** Largest file of JSON or text, largest journal, and largest line of a journal. Bytes. */
const mostText_bytes = 64 * 2 ** 20;
const mostJournal_bytes = 8 * 2 ** 30;
const mostLine_bytes = 16 * 2 ** 20;

/** More files than any run has. */
const mostFiles = 200_000;

/** Bytes read at once. */
const piece_bytes = 2 ** 20;

const lockFiles = /^held-by(\..*)?$/;

/** Takes the line in `buffer` from `from` to `to`, where its line end is. */
export type TakeLine = (buffer: Buffer, from: number, to: number, number: number) => void;

/** What a run's files are read from. */
interface RunFiles {
  /** By path below the run's folder, with `/`. Bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  /** `file` as messages call it. */
  readonly shown: (file: string) => string;
  /** Yields the bytes of `file`. A piece is valid until the next one is asked for. */
  readonly pieces: (file: string) => Iterable<Buffer>;
  /** By path: SHA-256 in hex of files that nobody can change any more. */
  readonly digests?: ReadonlyMap<string, string>;
}

export class RunFolder {
  /** As messages call it. */
  readonly path: string;
  readonly #files: RunFiles;
  /** By path: SHA-256 in hex of what was read whole. */
  readonly #digests: Map<string, string>;

  private constructor(path: string, files: RunFiles) {
    this.path = path;
    this.#files = files;
    this.#digests = new Map(files.digests);
  }

  /** Looks at every entry of the folder `path`. @throws TimetrialError RESULTS_CORRUPT where one is not to be read */
  static async open(path: string): Promise<RunFolder> {
    // The folder itself may be named by a link: its name is the user's own word.
    const root = await realpath(path);
    const sizes = new Map<string, number>();
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const name = relative(root, join(entry.parentPath, entry.name)).split(sep).join("/");
      refuseOddName(path, name);
      if (entry.isDirectory()) continue;
      if (!entry.isFile()) throw notOfRun(path, name, "expected a plain file, found something else");
      const { size } = lstatSync(join(entry.parentPath, entry.name));
      refuseLarge(path, name, size);
      sizes.set(name, size);
      if (sizes.size > mostFiles) throw notOfRun(path, name, `expected at most ${mostFiles} files`);
    }
    const shown = (file: string): string => join(path, file);
    return new RunFolder(path, { sizes, shown, pieces: (file) => piecesOf(join(root, file), shown(file)) });
  }

  /** Looks at the names and sizes of the files of a bundle, which messages call `name`. @throws as `open` does */
  static unpacked(name: string, { files, digests }: UnpackedRun): RunFolder {
    const sizes = new Map<string, number>();
    for (const [path, pieces] of files) {
      refuseOddName(name, path);
      const size = pieces.reduce((sum, { length }) => sum + length, 0);
      refuseLarge(name, path, size);
      sizes.set(path, size);
    }
    const shown = (file: string): string => `${name}: ${file}`;
    return new RunFolder(name, { sizes, shown, pieces: (file) => files.get(file) ?? [], digests });
  }

  has(file: string): boolean {
    return this.#files.sizes.has(file);
  }

  /** Names of the folders in `folder` that have a file `file`, sorted. */
  foldersWith(folder: string, file: string): string[] {
    return [...this.#files.sizes.keys()]
      .flatMap((path) => {
        const [first, name, last, ...more] = path.split("/");
        return first === folder && last === file && more.length === 0 ? [name as string] : [];
      })
      .sort();
  }

  /** Path of `file` for messages: `results/RUN/plan.json`. */
  shown(file: string): string {
    return this.#files.shown(file);
  }

  /** Text of a small file. @throws TimetrialError RESULTS_CORRUPT where it is larger than any such file */
  async text(file: string): Promise<string> {
    const parts: Buffer[] = [];
    await this.#read(file, (piece) => void parts.push(Buffer.from(piece)));
    return Buffer.concat(parts).toString();
  }

  /**
   * Calls `take` with each whole line of `file`: the bytes of a buffer from the line's begin to its line end, valid during
   * the call only, and the line's number, from 1. Returns whether the last line is torn: then it is left out.
   *
   * @throws TimetrialError RESULTS_CORRUPT where the file is too large, or a line has more than `most_bytes`
   */
  async lines(file: string, take: TakeLine, most_bytes: number = mostLine_bytes): Promise<boolean> {
    let number = 0;
    // What was read of a line that goes on in the next piece.
    let rest = Buffer.alloc(0);
    const refuseLonger = (length: number): void => {
      if (length <= most_bytes) return;
      throw new TimetrialError(
        "RESULTS_CORRUPT",
        `${this.shown(file)}:${number + 1}: expected a line of at most ${most_bytes} bytes`,
      );
    };
    await this.#read(file, (piece) => {
      let from = 0;
      for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
        refuseLonger(rest.length + end - from);
        number += 1;
        if (rest.length === 0) take(piece, from, end, number);
        else {
          // The line end is part of it, as it is of the piece.
          const line = Buffer.concat([rest, piece.subarray(from, end + 1)]);
          rest = Buffer.alloc(0);
          take(line, 0, line.length - 1, number);
        }
        from = end + 1;
      }
      refuseLonger(rest.length + piece.length - from);
      if (from < piece.length) rest = Buffer.concat([rest, piece.subarray(from)]);
    });
    return rest.length > 0;
  }

  /** SHA-256 of `file`, in hex. */
  async digest(file: string): Promise<string> {
    if (!this.#digests.has(file)) await this.#read(file, () => {});
    return this.#digests.get(file) as string;
  }

  /** Digests of all files but the sums and locks, by path, sorted. */
  async digests(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const file of [...this.#files.sizes.keys()].sort()) {
      if (file === checksumsFile || lockFiles.test(file)) continue;
      found.set(file, await this.digest(file));
    }
    return found;
  }

  /** Files that differ from SHA256SUMS. */
  async mismatches(): Promise<ChecksumMismatch[]> {
    const sums = this.has(checksumsFile) ? await this.text(checksumsFile) : undefined;
    return compareChecksums(sums, await this.digests());
  }

  /** All files but locks, sorted by path. */
  files(): StoredFile[] {
    return [...this.#files.sizes]
      .flatMap(([path, size]) => (lockFiles.test(path) ? [] : [{ path, size }]))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Yields the bytes of `file`, each piece in a buffer of its own. */
  async *pieces(file: string): AsyncGenerator<Buffer> {
    for (const piece of this.#files.pieces(file)) yield Buffer.from(piece);
  }

  /** Calls `take` with each piece of `file`, which is valid during the call only. */
  async #read(file: string, take: (piece: Buffer) => void): Promise<void> {
    const most_bytes = mostBytesOf(file);
    const hash = this.#files.digests?.has(file) === true ? undefined : createHash("sha256");
    let length = 0;
    for (const piece of this.#files.pieces(file)) {
      // Others have their turn between the pieces of a large file.
      if (length > 0) await setImmediate();
      length += piece.length;
      if (length > most_bytes)
        throw new TimetrialError("RESULTS_CORRUPT", `${this.shown(file)}: expected at most ${most_bytes} bytes`);
      hash?.update(piece);
      take(piece);
    }
    if (hash !== undefined) this.#digests.set(file, hash.digest("hex"));
  }
}

/**
 * Yields the bytes of the file `path`, each piece in the same buffer. Synchronous: for the short calls that a run's many small
 * files take, the thread pool would cost many times the calls.
 */
function* piecesOf(path: string, shown: string): Generator<Buffer> {
  const { descriptor, size } = openPlainFile(path, shown);
  try {
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(piece_bytes, size + 1)));
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function refuseOddName(run: string, name: string): void {
  const isLong = name.split("/").some((step) => Buffer.byteLength(step) > 255);
  if (/[\\\ufffd]/.test(name) || printable(name) !== name || isLong)
    throw notOfRun(run, name, "expected a name of printable characters");
}

function refuseLarge(run: string, name: string, size: number): void {
  if (size > mostBytesOf(name)) throw notOfRun(run, name, `expected at most ${mostBytesOf(name)} bytes, found ${size}`);
}

function notOfRun(run: string, name: string, what: string): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${run}: ${printable(name)}: ${what}`, {
    hint: "a run has plain files and folders alone: this folder was made by something else",
  });
}

/** Journals grow with the run; anything else is JSON of one thing, or what a step said at its end. */
function mostBytesOf(file: string): number {
  return file.endsWith(".ndjson") ? mostJournal_bytes : mostText_bytes;
}

/** An open file, and the bytes that it had then. */
interface OpenFile {
  readonly descriptor: number;
  readonly size: number;
}

/** Opens a plain file: follows no link, and waits for no FIFO. @throws TimetrialError RESULTS_CORRUPT */
export function openPlainFile(path: string, shown: string = path, access: number = constants.O_RDONLY): OpenFile {
  let descriptor: number;
  try {
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    descriptor = openSync(path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ELOOP" && code !== "ENXIO") throw cause;
    throw notPlainFileError(shown);
  }
  const found = fstatSync(descriptor);
  if (found.isFile()) return { descriptor, size: found.size };
  closeSync(descriptor);
  throw notPlainFileError(shown);
}

function notPlainFileError(shown: string): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${shown}: expected a plain file, found something else`);
}

/** `path` without what does not change where it leads. */
export function plainPath(path: string): string {
  const plain = normalize(path === "" ? "." : path);
  return plain.length > 1 && plain.endsWith(sep) ? plain.slice(0, -1) : plain;
}
