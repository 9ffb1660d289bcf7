import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ShippedFile } from "../../../src/domain/plan/suite.ts";
import { archive, sha256 } from "../../../src/pipeline/archive/archive.ts";
import { writeBundle } from "../../../src/pipeline/archive/bundle.ts";
import { TarReader } from "../../../src/pipeline/archive/tar.ts";
import { type BundleSource, unbundle as unbundlePieces } from "../../../src/pipeline/archive/unbundle.ts";
import { compareChecksums } from "../../../src/domain/run/checksums.ts";
import type { StoredFolder } from "../../../src/ports/stored-folder.ts";

const file = (path: string, text: string): ShippedFile => ({ path, mode: 0o644, bytes: Buffer.from(text) });

function aRun(): ShippedFile[] {
  const noise = Array.from({ length: 300 }, (_, i) => sha256(String(i))).join("\n");
  const files = [
    file("ledger.ndjson", '{"kind":"absence"}\n'),
    file("machines/a-1/facts.json", "{}\n"),
    file("plan.json", `{"noise":"${noise.slice(0, 800)}"}\n`),
    file("records.ndjson", `${noise}\n`),
  ];
  const sums = files.map(({ path, bytes }) => `${sha256(bytes)}  ${path}\n`).join("");
  return [file("SHA256SUMS", sums), ...files];
}

/** SHA-256 of `files` but SHA256SUMS, by path. */
const digestsOf = (files: readonly ShippedFile[]): Map<string, string> =>
  new Map(files.flatMap(({ path, bytes }) => (path === "SHA256SUMS" ? [] : [[path, sha256(bytes)]])));

const textOf = (files: readonly ShippedFile[], wanted: string): string | undefined =>
  files.flatMap(({ path, bytes }) => (path === wanted ? [Buffer.from(bytes).toString()] : []))[0];

/** Cuts `bytes` into pieces of 1000, as a disk might. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

/** The bundle of `files`, of which `read` are the bytes that are read of them. */
async function bundle(files: readonly ShippedFile[], read = files): Promise<Buffer> {
  const sums = textOf(files, "SHA256SUMS");
  const folder: Pick<StoredFolder, "mismatches" | "digests" | "sums" | "files" | "pieces"> = {
    mismatches: async () => compareChecksums(sums, digestsOf(files)),
    digests: async () => digestsOf(files),
    sums: async () => (sums === undefined ? undefined : sha256(sums)),
    files: () => files.map(({ path, bytes }) => ({ path, size: bytes.length })),
    async *pieces(path) {
      for (const one of read) if (one.path === path) yield* cut(one.bytes);
    },
  };
  let made = Buffer.alloc(0);
  const { bytes } = await writeBundle(folder as StoredFolder, async (piece, at) => {
    made = Buffer.concat([made, Buffer.alloc(Math.max(0, at + piece.length - made.length))]);
    made.set(piece, at);
  });
  expect(made).toHaveLength(bytes);
  return made;
}

function sourceOf(bytes: Uint8Array, name: string): BundleSource {
  const pieces = async function* (from: number, to: number) {
    yield* cut(bytes.subarray(from, to));
  };
  return { name, size: bytes.length, pieces };
}

async function unbundle(bytes: Uint8Array, name: string): Promise<ShippedFile[]> {
  const files = new Map<string, string>();
  await unbundlePieces(sourceOf(bytes, name), (path, piece) => {
    files.set(path, (files.get(path) ?? "") + Buffer.from(piece).toString("latin1"));
  });
  return [...files].map(([path, text]) => file(path, text));
}

/** Reads `tar` in pieces that begin and end anywhere. */
function readTar(tar: Uint8Array, name: string): void {
  const reader = new TarReader(name, () => {});
  for (const piece of cut(tar)) reader.push(Buffer.from(piece));
  reader.end();
}

const texts = (files: readonly ShippedFile[]) => files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);

describe("a bundle", () => {
  test("gives back every file, and depends on them alone", async () => {
    const bytes = await bundle(aRun());
    expect(texts(await unbundle(bytes, "b"))).toEqual(texts(aRun()));
    expect(sha256(await bundle(aRun()))).toBe(sha256(bytes));
  });

  test("is the archive of its files behind its header", async () => {
    expect(sha256((await bundle(aRun())).subarray(80))).toBe(sha256(archive(aRun()).bytes.subarray(10)));
  });

  test("is refused whichever of its bytes was changed", async () => {
    const bytes = await bundle(aRun());
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at += at < 200 || at > bytes.length - 40 ? 1 : 37) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] as number) ^ 1;
      await unbundle(other, "b.tar.gz").then(
        () => accepted.push(at),
        (error: Error) => expect(error.message).toMatch(/^b\.tar\.gz: /),
      );
    }
    expect(accepted).toEqual([]);
  });

  test("is refused with the name of the file that the change fell in", async () => {
    const bytes = await bundle(aRun());
    // Nearly all of it is records.ndjson, which does not compress well and is last.
    const other = Buffer.from(bytes);
    other[bytes.length - 2000] = (other[bytes.length - 2000] as number) ^ 0xff;
    await expect(unbundle(other, "b.tar.gz")).rejects.toThrow(/^b\.tar\.gz: records\.ndjson: /);
  });

  test("is refused with the name of a file that was replaced by someone who made all digests fit but one", async () => {
    const run = aRun().map((one) => (one.path === "plan.json" ? file("plan.json", "{}") : one));
    await expect(unbundle(wrapped(archive(run).bytes), "b")).rejects.toThrow(/^b: plan\.json: expected SHA-256/);
  });

  test("cut short, or not one at all, is refused", async () => {
    const bytes = await bundle(aRun());
    await expect(unbundle(bytes.subarray(0, bytes.length - 1), "b")).rejects.toThrow("b: ");
    await expect(unbundle(bytes.subarray(0, 40), "b")).rejects.toThrow("expected a bundle");
    await expect(unbundle(Buffer.from("hello"), "b")).rejects.toThrow("expected a bundle");
    await expect(unbundle(archive(aRun()).bytes, "b")).rejects.toThrow("expected a bundle");
  });

  test("is not made of a run that was not closed, or was changed since", async () => {
    await expect(bundle(aRun().slice(1))).rejects.toThrow("SHA256SUMS: expected in a run that was closed");
    await expect(bundle([...aRun(), file("more", "")])).rejects.toThrow("more: not named in SHA256SUMS");
  });

  test("is not made of a file that changes, or grows, while it is read", async () => {
    for (const text of ["{}\t", "{}\n\n"]) {
      const read = aRun().map((one) => (one.path === "machines/a-1/facts.json" ? file(one.path, text) : one));
      await expect(bundle(aRun(), read)).rejects.toThrow("facts.json: it was changed while it was read");
    }
  });
});

describe("an archive from anywhere", () => {
  // Made by hand, since our own writer refuses to.
  test.each(["../evil", "/etc/evil", "a/../../evil", "a//b", "./a", "a\\..\\b", "a\nb", ""])(
    "with a file called %j is refused",
    async (path) => {
      const tar = tarOf(path, "0", "x");
      expect(() => readTar(tar, "b")).toThrow(/^b: /);
      await expect(unbundle(wrapped(gzipSync(tar)), "b")).rejects.toThrow(/^b: /);
    },
  );

  test.each(["1", "2", "3", "5", "L", "x"])("with an entry of kind %s, which is no plain file, is refused", (kind) => {
    expect(() => readTar(tarOf("a", kind, "x"), "b")).toThrow("expected a plain file");
  });

  test("with a file twice, or one that goes on beyond the end, or something behind the end, is refused", () => {
    const one = tarOf("a", "0", "x");
    const entry = one.subarray(0, 1024);
    expect(() => readTar(Buffer.concat([entry, one]), "b")).toThrow("a is in it twice");
    expect(() => readTar(tarOf("a", "0", "x", 0o777777), "b")).toThrow("expected 262143 bytes");
    expect(() => readTar(Buffer.concat([one, entry]), "b")).toThrow("nothing behind its end");
    expect(() => readTar(entry, "b")).toThrow("expected an end");
    expect(() => readTar(Buffer.concat([one, Buffer.alloc(1)]), "b")).toThrow("nothing behind its end");
    const below = tarOf("a/b", "0", "x");
    expect(() => readTar(Buffer.concat([entry, below]), "b")).toThrow("a is in it as a file and as a folder");
    expect(() => readTar(Buffer.concat([below.subarray(0, 1024), one]), "b")).toThrow("a is in it as a file and as");
  });

  test("that grows beyond all bounds when it is unpacked is refused", async () => {
    const header = tarOf("records.ndjson", "0", "", 8 ** 10).subarray(0, 512);
    const huge = gzipSync(Buffer.concat([header, Buffer.alloc(257 * 2 ** 20)]), { level: 1 });
    const unpacked = unbundlePieces(sourceOf(wrapped(huge), "b"), () => {});
    await expect(unpacked).rejects.toThrow("b: expected at most 268435456 bytes");
  });
});

test("sums name what is missing, too much, changed, or no sum", () => {
  const run = aRun();
  const paths = (files: readonly ShippedFile[]) =>
    compareChecksums(textOf(files, "SHA256SUMS"), digestsOf(files)).map(({ path }) => path);
  expect(paths(run)).toEqual([]);
  expect(paths(run.filter(({ path }) => path !== "plan.json"))).toEqual(["plan.json"]);
  expect(paths([...run, file("more", "")])).toEqual(["more"]);
  expect(paths([file("SHA256SUMS", "x\n"), ...run.slice(1)])[0]).toBe("SHA256SUMS:1");
});

/** A .tar.gz in the wrapping of a bundle: as a forger would make it who can compute a digest. */
function wrapped(gz: Uint8Array): Buffer {
  const rest = Buffer.from(gz).subarray(10);
  const digest = createHash("sha256").update(rest).digest();
  return Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 2, 255, 68, 0, 0x54, 0x54, 64, 0]),
    digest,
    Buffer.alloc(32),
    rest,
  ]);
}

function tarOf(path: string, kind: string, text: string, length = text.length): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(`${length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(kind, 156);
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const body = Buffer.alloc(512);
  body.write(text);
  return Buffer.concat([header, body, Buffer.alloc(1024)]);
}
