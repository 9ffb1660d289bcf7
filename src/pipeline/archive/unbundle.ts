// Reads a bundle, in pieces.
//
// A bundle is not trusted. A bundle with a changed byte is refused, with the name of the file that the byte is in. No
// path may leave the bundle's folder. Sizes over the limits below, which no run reaches, are refused.

import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { createGunzip, createInflateRaw } from "node:zlib";
import { TimetrialError } from "../../domain/errors.ts";
import { checksumsFile, compareChecksums } from "../../domain/run/checksums.ts";
import { bundleHeader_bytes, bundleStart } from "./bundle.ts";
import { TarReader } from "./tar.ts";

/** A file that may be a bundle. */
export interface BundleSource {
  /** As messages call it. */
  readonly name: string;
  readonly size: number;
  /** Yields its bytes from one place to another. */
  readonly pieces: (from: number, to: number) => AsyncIterable<Uint8Array>;
}

/** How much is unpacked at once. Bytes. Each piece is another thread's work, which costs as much as to unpack a part of it. */
const piece_bytes = 2 ** 20;

/** Largest size of a bundle. Bytes. */
const mostPacked_bytes = 2 ** 30;

/** What any bundle may unpack to. Bytes. */
const mostUnpacked_bytes = 256 * 2 ** 20;

/** How many times its own size a bundle may unpack to: records that say the same again and again pack 40 times. */
const mostTimes = 100;

/** What no bundle may unpack to more of. Bytes. */
const mostOfAny_bytes = 8 * 2 ** 30;

/**
 * Calls `take` with the bytes of each file in `source`, piece by piece and file by file; with none for an empty file. It may
 * keep them, and what it took is not to be used before the promise is fulfilled: with the SHA-256 in hex of every file but
 * SHA256SUMS, by path.
 *
 * @throws TimetrialError RESULTS_CORRUPT, naming the changed file where it can be found.
 */
export async function unbundle(
  source: BundleSource,
  take: (path: string, bytes: Buffer) => void,
): Promise<ReadonlyMap<string, string>> {
  const { name, size } = source;
  if (size > mostPacked_bytes) throw corrupt(`${name}: expected at most ${mostPacked_bytes} bytes, found ${size}`);
  const header = await headerOf(source);
  const [whole, sums] = [header.subarray(0, 32), header.subarray(32)];
  if (!(await digestOfRest(source)).equals(whole)) throw corrupt(`${name}: ${await changed(source, sums)}`);
  const files = new FileDigests(take);
  const reader = new TarReader(name, files.take);
  const most_bytes = Math.min(mostOfAny_bytes, Math.max(mostUnpacked_bytes, mostTimes * size));
  for await (const piece of gunzipped(source, most_bytes)) reader.push(piece);
  reader.end();
  const fault = files.fault();
  if (fault !== undefined) throw corrupt(`${name}: ${fault}`);
  if (!files.sumsDigest().equals(sums))
    throw corrupt(`${name}: ${checksumsFile}: expected the one that it was made with`);
  return files.digests();
}

/** Returns the two digests in the header. */
async function headerOf({ name, size, pieces }: BundleSource): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces(0, Math.min(size, bundleHeader_bytes))) found.push(piece);
  const header = Buffer.concat(found);
  if (header.length === bundleHeader_bytes && header.subarray(0, bundleStart.length).equals(bundleStart))
    return header.subarray(bundleStart.length);
  throw new TimetrialError("RESULTS_CORRUPT", `${name}: expected a bundle, found something else`, {
    hint: "timetrial bundle RUN makes one; what tar has unpacked is read as a folder",
  });
}

async function digestOfRest({ size, pieces }: BundleSource): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const piece of pieces(bundleHeader_bytes, size)) hash.update(piece);
  return hash.digest();
}

/** Yields what `source` unpacks to. @throws TimetrialError RESULTS_CORRUPT where it is more than `most_bytes` */
async function* gunzipped({ name, size, pieces }: BundleSource, most_bytes: number): AsyncGenerator<Buffer> {
  const packed = Readable.from(pieces(0, size));
  const gunzip = createGunzip({ chunkSize: piece_bytes });
  packed.on("error", (error) => gunzip.destroy(error));
  let length = 0;
  try {
    for await (const piece of packed.pipe(gunzip) as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > most_bytes) throw corrupt(`${name}: expected at most ${most_bytes} bytes when it is unpacked`);
      yield piece;
    }
  } catch (cause) {
    throw cause instanceof TimetrialError ? cause : corrupt(`${name}: ${(cause as Error).message}`, cause);
  } finally {
    packed.destroy();
  }
}

/** Returns which file was changed, as far as the deflated stream can still be read. */
async function changed(source: BundleSource, sums: Buffer): Promise<string> {
  const files = new FileDigests(() => {});
  const reader = new TarReader(source.name, files.take);
  await inflatedUpToFault(source, (piece) => reader.push(piece));
  if (!files.sumsDigest().equals(sums)) return `${checksumsFile}: changed`;
  const fault = files.fault("changed: ");
  return fault ?? "its own digest or wrapping was changed; the files in it are as their sums say";
}

/** Calls `use` with what the deflated stream holds, up to its first fault, or to the first error of `use`. */
function inflatedUpToFault({ size, pieces }: BundleSource, use: (piece: Buffer) => void): Promise<void> {
  return new Promise((resolve) => {
    const packed = Readable.from(pieces(bundleHeader_bytes, Math.max(bundleHeader_bytes, size - 8)));
    const inflate = createInflateRaw({ chunkSize: piece_bytes });
    let length = 0;
    const done = (): void => {
      packed.destroy();
      inflate.destroy();
      resolve();
    };
    inflate.on("data", (piece: Buffer) => {
      length += piece.length;
      try {
        if (length > mostOfAny_bytes) done();
        else use(piece);
      } catch {
        done();
      }
    });
    for (const event of ["error", "end", "close"]) inflate.on(event, done);
    packed.on("error", done).pipe(inflate);
  });
}

/** The digests of the files of a bundle, and the text of their SHA256SUMS. */
class FileDigests {
  readonly #digests = new Map<string, Hash>();
  readonly #sums: Uint8Array[] = [];
  readonly #pass: (path: string, bytes: Buffer) => void;
  #sumsLength = 0;

  constructor(pass: (path: string, bytes: Buffer) => void) {
    this.#pass = pass;
  }

  readonly take = (path: string, bytes: Buffer): void => {
    if (path === checksumsFile) {
      this.#sumsLength += bytes.length;
      if (this.#sumsLength > mostSums_bytes)
        throw corrupt(`${checksumsFile}: expected at most ${mostSums_bytes} bytes`);
      this.#sums.push(Buffer.from(bytes));
    } else {
      const hash = this.#digests.get(path) ?? createHash("sha256");
      this.#digests.set(path, hash.update(bytes));
    }
    this.#pass(path, bytes);
  };

  sumsDigest(): Buffer {
    return createHash("sha256").update(Buffer.concat(this.#sums)).digest();
  }

  /** Returns the SHA-256 in hex of every file but SHA256SUMS, by path. */
  digests(): ReadonlyMap<string, string> {
    return new Map([...this.#digests].map(([path, hash]) => [path, hash.copy().digest("hex")]));
  }

  /** Returns the first file that is not as SHA256SUMS says, and why, with `before` in front of it. */
  fault(before = ""): string | undefined {
    const sums = this.#sums.length === 0 ? undefined : Buffer.concat(this.#sums).toString();
    const [found] = compareChecksums(sums, this.digests());
    return found && `${found.path}: ${before}${found.what}`;
  }
}

const mostSums_bytes = 64 * 2 ** 20;

function corrupt(message: string, cause?: unknown): TimetrialError {
  return new TimetrialError("RESULTS_CORRUPT", message, { cause });
}
