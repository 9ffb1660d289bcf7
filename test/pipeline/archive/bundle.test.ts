import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ShippedFile } from "../../../src/domain/plan/suite.ts";
import { archive, sha256 } from "../../../src/pipeline/archive/archive.ts";
import { bundle, unbundle } from "../../../src/pipeline/archive/bundle.ts";
import { checksumMismatches } from "../../../src/pipeline/archive/checksums.ts";
import { readTar } from "../../../src/pipeline/archive/tar.ts";

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

const texts = (files: readonly ShippedFile[]) => files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);

describe("a bundle", () => {
  test("gives back every file, and depends on them alone", async () => {
    const bytes = bundle(aRun());
    expect(texts(await unbundle(bytes, "b"))).toEqual(texts(aRun()));
    expect(sha256(bundle(aRun().reverse()))).toBe(sha256(bytes));
  });

  test("is refused whichever of its bytes was changed", async () => {
    const bytes = bundle(aRun());
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
    const bytes = bundle(aRun());
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
    const bytes = bundle(aRun());
    await expect(unbundle(bytes.subarray(0, bytes.length - 1), "b")).rejects.toThrow("b: ");
    await expect(unbundle(bytes.subarray(0, 40), "b")).rejects.toThrow("expected a bundle");
    await expect(unbundle(Buffer.from("hello"), "b")).rejects.toThrow("expected a bundle");
    await expect(unbundle(archive(aRun()).bytes, "b")).rejects.toThrow("expected a bundle");
  });

  test("is not made of a run that was not closed, or was changed since", () => {
    expect(() => bundle(aRun().slice(1))).toThrow("SHA256SUMS: expected in a run that was closed");
    expect(() => bundle([...aRun(), file("more", "")])).toThrow("more: not named in SHA256SUMS");
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
  });

  test("that grows beyond all bounds when it is unpacked is refused", async () => {
    const huge = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 1 });
    await expect(unbundle(wrapped(huge), "b")).rejects.toThrow(/^b: /);
  });
});

test("sums name what is missing, too much, changed, or no sum", () => {
  const run = aRun();
  const paths = (files: readonly ShippedFile[]) => checksumMismatches(files).map(({ path }) => path);
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
