// Reads archives such as archive.ts writes. An archive may come from anywhere: its content is not trusted.

import { TimetrialError } from "../../domain/errors.ts";

const block = 512;
const mostFiles = 20_000;

/**
 * Reads an archive that comes in pieces, which messages call `name`. Accepts plain files alone, each with a relative path
 * that stays in its folder. Calls `take` with the bytes of each file, piece by piece; with none for an empty file.
 */
export class TarReader {
  readonly #name: string;
  readonly #take: (path: string, bytes: Buffer) => void;
  readonly #paths = new Set<string>();
  readonly #folders = new Set<string>();
  /** The block that is read, and how much of it is there. */
  readonly #block = Buffer.alloc(block);
  #filled = 0;
  /** The file that is read, the bytes of it that are to come, and those that fill its last block. */
  #file = { path: "", length: 0 };
  #left = 0;
  #padding = 0;
  /** How many of the two blocks of the end were read. */
  #ends = 0;

  constructor(name: string, take: (path: string, bytes: Buffer) => void) {
    this.#name = name;
    this.#take = take;
  }

  /** @throws TimetrialError RESULTS_CORRUPT, and what `take` throws */
  push(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.#left > 0) {
        const bytes = piece.subarray(at, at + this.#left);
        this.#left -= bytes.length;
        at += bytes.length;
        this.#take(this.#file.path, bytes);
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, piece.length - at);
        this.#padding -= skipped;
        at += skipped;
      } else {
        const copied = piece.copy(this.#block, this.#filled, at);
        this.#filled += copied;
        at += copied;
        if (this.#filled < block) continue;
        this.#filled = 0;
        this.#header();
      }
    }
  }

  /** Must be called after the last piece. @throws TimetrialError RESULTS_CORRUPT where the archive is not whole */
  end(): void {
    const { path, length } = this.#file;
    if (this.#left > 0)
      throw corrupt(this.#name, `${JSON.stringify(path)}: expected ${length} bytes, found ${length - this.#left}`);
    if (this.#ends === 2 && this.#filled > 0) throw corrupt(this.#name, "expected nothing behind its end");
    if (this.#ends < 2) throw corrupt(this.#name, "expected an end, found none");
  }

  /** Reads a header, or a block of the end: two empty blocks with nothing behind them. */
  #header(): void {
    if (this.#ends > 0 || this.#block[0] === 0) {
      this.#ends += 1;
      if (this.#ends > 2 || this.#block.some((byte) => byte !== 0))
        throw corrupt(this.#name, "expected nothing behind its end");
      return;
    }
    this.#file = entry(this.#block, this.#name);
    const { path, length } = this.#file;
    this.#left = length;
    this.#padding = (block - (length % block)) % block;
    if (this.#paths.size === mostFiles) throw corrupt(this.#name, `expected at most ${mostFiles} files`);
    if (this.#paths.has(path)) throw corrupt(this.#name, `${path} is in it twice`);
    this.#paths.add(path);
    this.#refuseFileAsFolder(path);
    if (length === 0) this.#take(path, Buffer.alloc(0));
  }

  #refuseFileAsFolder(path: string): void {
    const steps = path.split("/").slice(0, -1);
    const folders = steps.map((_, i) => steps.slice(0, i + 1).join("/"));
    for (const folder of folders) this.#folders.add(folder);
    const both = [path, ...folders].find((one) => this.#paths.has(one) && this.#folders.has(one));
    if (both !== undefined) throw corrupt(this.#name, `${both} is in it as a file and as a folder`);
  }
}

function entry(header: Buffer, name: string): { readonly path: string; readonly length: number } {
  const path = text(header, 0, 100);
  const shown = JSON.stringify(path);
  if (header.subarray(257, 265).toString("latin1") !== "ustar\u000000" || sum(header) !== octal(header, 148, 8))
    throw corrupt(name, "expected the header of a file, found something else");
  if (text(header, 156, 1) !== "0" || text(header, 345, 155) !== "")
    throw corrupt(name, `${shown}: expected a plain file`);
  if (!safe(path)) throw corrupt(name, `${shown}: expected a relative path that stays in its folder`);
  const length = octal(header, 124, 12);
  if (Number.isNaN(length)) throw corrupt(name, `${shown}: expected its length, found something else`);
  return { path, length };
}

function safe(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what no name may have
  return !/[\u0000-\u001f\\\ufffd]/.test(path) && path.split("/").every((step) => !["", ".", ".."].includes(step));
}

function text(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString();
}

function octal(header: Buffer, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Returns the header's checksum, with the checksum field itself counted as blanks. */
function sum(header: Buffer): number {
  return header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
}

function corrupt(name: string, what: string): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", `${name}: ${what}`);
}
