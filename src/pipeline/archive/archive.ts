// The archive format of uploads: a gzipped ustar whose bytes depend on the files alone.

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { ShippedFile } from "../../domain/plan/suite.ts";

export interface Archive {
  /** A .tar.gz: sorted, owner 0, time 0. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, in hex. */
  readonly digest: string;
}

const block = 512;
/** Where the header's last field that is written ends. */
const headerEnd = 265;

/**
 * Returns the archive of `files`.
 *
 * @throws RangeError where a path does not fit ustar: over 100 bytes, absolute, or leading out of its folder.
 */
export function archive(files: readonly ShippedFile[]): Archive {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tar = Buffer.concat([...sorted.flatMap(entry), tarEnd]);
  const bytes = gzipSync(tar, { level: 4 });
  bytes[9] = 255; // "unknown" as the operating system in the gzip header, so that every Node writes the same byte
  return { bytes, digest: sha256(bytes) };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function entry(file: ShippedFile): Uint8Array[] {
  const { length } = file.bytes;
  return [tarHeader({ ...file, length }), file.bytes, tarPadding(length)];
}

/** Returns what follows a file of `length` bytes. */
export function tarPadding(length: number): Uint8Array {
  return Buffer.alloc((block - (length % block)) % block);
}

/** What follows the last file. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * block);

/**
 * Returns a ustar header (POSIX.1-2017, pax, "ustar Interchange Format").
 *
 * @throws RangeError as `archive` does, and where the file is too large for ustar.
 */
export function tarHeader(file: Omit<ShippedFile, "bytes"> & { readonly length: number }): Uint8Array {
  const name = Buffer.from(file.path);
  const isFolder = file.path.endsWith("/");
  const steps = (isFolder ? file.path.slice(0, -1) : file.path).split("/");
  if (name.length > 100 || name.length === 0 || steps.some((step) => step === "" || step === "." || step === "..")) {
    throw new RangeError(
      `cannot ship a file called ${JSON.stringify(file.path)}: expected a relative path of at most 100 bytes`,
    );
  }
  if (file.length >= 8 ** 11)
    throw new RangeError(`cannot ship ${JSON.stringify(file.path)}: expected less than 8 GiB`);
  const bytes = Buffer.alloc(block);
  name.copy(bytes, 0);
  bytes.write(octal(isFolder ? 0o755 : file.mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(file.length, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write("        ", 148);
  bytes.write(isFolder ? "5" : "0", 156);
  bytes.write("ustar\u000000", 257, "latin1");
  let sum = 0;
  // The rest is zero.
  for (const byte of bytes.subarray(0, headerEnd)) sum += byte;
  bytes.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
