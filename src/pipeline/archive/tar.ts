// Reads archives such as archive.ts writes. An archive may come from anywhere: its content is not trusted.

import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";

const block = 512;
const mostFiles = 20_000;

/**
 * Returns the files in `tar`, which messages call `name`. Accepts plain files alone, each with a relative path that
 * stays in its folder. `torn`: returns the files before the first fault, and throws no error.
 *
 * @throws TimetrialError RESULTS_CORRUPT
 */
export function readTar(tar: Buffer, name: string, { torn = false } = {}): ShippedFile[] {
  const files: ShippedFile[] = [];
  const paths = new Set<string>();
  try {
    for (let at = 0; !isEnd(tar, at, name);) {
      const file = entry(tar, at, name);
      if (files.length === mostFiles) throw corrupt(name, `expected at most ${mostFiles} files`);
      if (paths.has(file.path)) throw corrupt(name, `${file.path} is in it twice`);
      paths.add(file.path);
      files.push(file);
      at += block + Math.ceil(file.bytes.length / block) * block;
    }
  } catch (error) {
    if (!torn) throw error;
  }
  return files;
}

/** Whether the archive ends at `at`: with two empty blocks and nothing behind them. */
function isEnd(tar: Buffer, at: number, name: string): boolean {
  if (tar.length - at < block) throw corrupt(name, "expected an end, found none");
  if (tar[at] !== 0) return false;
  if (tar.length - at !== 2 * block || tar.subarray(at).some((byte) => byte !== 0))
    throw corrupt(name, "expected nothing behind its end");
  return true;
}

function entry(tar: Buffer, at: number, name: string): ShippedFile {
  const header = tar.subarray(at, at + block);
  const path = text(header, 0, 100);
  const shown = JSON.stringify(path);
  if (header.subarray(257, 265).toString("latin1") !== "ustar\u000000" || sum(header) !== octal(header, 148, 8))
    throw corrupt(name, "expected the header of a file, found something else");
  if (text(header, 156, 1) !== "0" || text(header, 345, 155) !== "")
    throw corrupt(name, `${shown}: expected a plain file`);
  if (!safe(path)) throw corrupt(name, `${shown}: expected a relative path that stays in its folder`);
  const length = octal(header, 124, 12);
  const bytes = tar.subarray(at + block, at + block + length);
  if (bytes.length !== length) throw corrupt(name, `${shown}: expected ${length} bytes, found ${bytes.length}`);
  return { path, mode: 0o644, bytes };
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
