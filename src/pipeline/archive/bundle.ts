// A run as one file: a .tar.gz that tar reads too, with its own digest in the gzip header. It is written in pieces: a run of
// a million trials does not fit into memory.

import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { TimetrialError } from "../../domain/errors.ts";
import type { StoredFile, StoredFolder } from "../../ports/stored-folder.ts";
import { tarEnd, tarHeader, tarPadding } from "./archive.ts";

/** Bytes of a gzip header without extra fields. */
const plainHeader_bytes = 10;

// RFC 1952: deflate, an extra field, time 0, best compression, unknown system. The field: "TT", then two digests: that
// of all bytes after the field, and that of SHA256SUMS.
const fixed = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 2, 255]);
const subfield = Buffer.from([68, 0, 0x54, 0x54, 64, 0]);

/** How a bundle begins, and the number of bytes of its header. */
export const bundleStart: Buffer = Buffer.concat([fixed, subfield]);
export const bundleHeader_bytes: number = bundleStart.length + 64;

/**
 * Writes the bundle of the run in `folder`. Its bytes depend on the files alone. `write` writes bytes at a place; the header
 * comes last. Returns the number of files and of bytes.
 *
 * @throws TimetrialError RESULTS_CORRUPT where the run was not closed, or a file differs from SHA256SUMS; USAGE where ustar
 * cannot hold a file.
 */
export async function writeBundle(
  folder: StoredFolder,
  write: (bytes: Uint8Array, at: number) => Promise<void>,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const [fault] = await folder.mismatches();
  if (fault !== undefined) throw new TimetrialError("RESULTS_CORRUPT", `${fault.path}: ${fault.what}`);
  const sums = Buffer.from((await folder.sums()) ?? "", "hex");
  const files = folder.files();
  const whole = createHash("sha256");
  let at = bundleHeader_bytes;
  await pipeline(tarPieces(folder, files), createGzip({ level: 4 }), async (chunks: AsyncIterable<Buffer>) => {
    let skipped = 0;
    for await (const chunk of chunks) {
      const bytes = chunk.subarray(Math.min(plainHeader_bytes - skipped, chunk.length));
      skipped += chunk.length - bytes.length;
      whole.update(bytes);
      await write(bytes, at);
      at += bytes.length;
    }
  });
  await write(Buffer.concat([bundleStart, whole.digest(), sums]), 0);
  return { files: files.length, bytes: at };
}

async function* tarPieces(folder: StoredFolder, files: readonly StoredFile[]): AsyncGenerator<Uint8Array> {
  const digests = await folder.digests();
  for (const { path, size } of files) {
    yield headerOf(path, size);
    const hash = createHash("sha256");
    let length = 0;
    for await (const piece of folder.pieces(path)) {
      length += piece.length;
      hash.update(piece);
      yield piece;
    }
    const digest = digests.get(path) ?? (await folder.sums());
    if (length !== size || hash.digest("hex") !== digest)
      throw new TimetrialError("RESULTS_CORRUPT", `${path}: it was changed while it was read`);
    yield tarPadding(length);
  }
  yield tarEnd;
}

function headerOf(path: string, length: number): Uint8Array {
  try {
    return tarHeader({ path, mode: 0o644, length });
  } catch (cause) {
    throw new TimetrialError("USAGE", (cause as Error).message, { cause });
  }
}
