// A run as one file: a .tar.gz that tar reads too, with its own digest in the gzip header.
//
// A bundle is not trusted. A bundle with a changed byte is refused, with the name of the file that the byte is in. No
// path may leave the bundle's folder. Sizes over the limits below, which no run reaches, are refused.

import { createHash } from "node:crypto";
import { createInflateRaw, gunzipSync } from "node:zlib";
import { TimetrialError } from "../../domain/errors.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";
import { archive } from "./archive.ts";
import { checksumsFile } from "../../domain/run/checksums.ts";
import { checksumMismatches } from "./checksums.ts";
import { readTar } from "./tar.ts";

/** Largest size of a bundle, and below it the largest size of its unpacked content. Bytes. */
export const maxBundle_bytes = 64 * 2 ** 20;
const mostUnpacked_bytes = 256 * 2 ** 20;

// RFC 1952: deflate, an extra field, time 0, best compression, unknown system. The field: "TT", then two digests: that
// of all bytes after the field, and that of SHA256SUMS.
const fixed = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 2, 255]);
const subfield = Buffer.from([68, 0, 0x54, 0x54, 64, 0]);
const headerLength = fixed.length + subfield.length + 64;

/**
 * Returns the bundle of `files`, the files of a run. Its bytes depend on them alone.
 *
 * @throws TimetrialError RESULTS_CORRUPT where the run was not closed, or a file differs from SHA256SUMS; USAGE where a
 * path is too long for ustar.
 */
export function bundle(files: readonly ShippedFile[]): Uint8Array {
  const [fault] = checksumMismatches(files);
  if (fault !== undefined) throw corrupt(`${fault.path}: ${fault.what}`);
  const plain = files.map((file) => ({ ...file, mode: 0o644 as const }));
  const rest = Buffer.from(packed(plain)).subarray(10);
  return Buffer.concat([fixed, subfield, digest(rest), digest(sumsOf(files)), rest]);
}

function sumsOf(files: readonly ShippedFile[]): Uint8Array {
  return files.find(({ path }) => path === checksumsFile)?.bytes ?? Buffer.alloc(0);
}

function packed(files: readonly ShippedFile[]): Uint8Array {
  try {
    return archive(files).bytes;
  } catch (cause) {
    throw new TimetrialError("USAGE", (cause as Error).message, { cause });
  }
}

/**
 * Returns the files in `bytes`, the bundle called `name`.
 *
 * @throws TimetrialError RESULTS_CORRUPT, naming the changed file where it can be found.
 */
export async function unbundle(bytes: Uint8Array, name: string): Promise<ShippedFile[]> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = Buffer.concat([fixed, subfield]);
  if (all.length < headerLength || !all.subarray(0, begin.length).equals(begin)) {
    throw corrupt(`${name}: expected a bundle, found something else`, {
      hint: "timetrial bundle RUN makes one; what tar has unpacked is read as a folder",
    });
  }
  const [whole, sums] = [all.subarray(begin.length, begin.length + 32), all.subarray(begin.length + 32, headerLength)];
  const rest = all.subarray(headerLength);
  if (!digest(rest).equals(whole)) throw corrupt(`${name}: ${await changed(rest, sums)}`);
  const files = readTar(unpacked(all, name), name);
  const [fault] = checksumMismatches(files);
  if (fault !== undefined) throw corrupt(`${name}: ${fault.path}: ${fault.what}`);
  if (!digest(sumsOf(files)).equals(sums))
    throw corrupt(`${name}: ${checksumsFile}: expected the one that it was made with`);
  return files;
}

function unpacked(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostUnpacked_bytes });
  } catch (cause) {
    throw corrupt(`${name}: ${(cause as Error).message}`, { cause });
  }
}

/** Returns which file was changed, as far as the deflated stream `rest` can still be read. */
async function changed(rest: Buffer, sums: Buffer): Promise<string> {
  const files = readTar(await readable(rest), "", { torn: true });
  if (!digest(sumsOf(files)).equals(sums)) return `${checksumsFile}: changed`;
  const [fault] = checksumMismatches(files);
  if (fault !== undefined) return `${fault.path}: changed: ${fault.what}`;
  return "its own digest or wrapping was changed; the files in it are as their sums say";
}

/** Inflates a deflated stream up to its first error. */
function readable(rest: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const inflate = createInflateRaw();
    const done = (): void => resolve(Buffer.concat(chunks));
    inflate.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostUnpacked_bytes) inflate.destroy();
    });
    for (const event of ["error", "end", "close"]) inflate.on(event, done);
    inflate.end(rest.subarray(0, Math.max(0, rest.length - 8)));
  });
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function corrupt(message: string, options: { hint?: string; cause?: unknown } = {}): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", message, options);
}
