// What --upload ships of a folder, and what stays.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readUpload, type UploadOptions } from "../../../src/adapters/folders/upload.ts";
import { archive } from "../../../src/pipeline/archive/archive.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tt-upload-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const paths = async (options?: UploadOptions): Promise<string[]> =>
  (await readUpload(folder, options)).map(({ path }) => path).toSorted();

test("what is not the work stays: .git, the results, what .gitignore files name, the last rule deciding", async () => {
  put({
    ".git/config": "x",
    ".gitignore": "*.o\nbuild/\n/local\n",
    "a.c": "x",
    "a.o": "x",
    "build/out": "x",
    local: "x",
    "deep/local": "x",
    "deep/.gitignore": "!kept.o\n",
    "deep/kept.o": "x",
    "deep/lost.o": "x",
    "results/run/plan.json": "{}",
  });
  const options = { results: join(folder, "results") };
  expect(await paths(options)).toEqual([".gitignore", "a.c", "deep/.gitignore", "deep/kept.o", "deep/local"]);
  expect(await paths({ ...options, ignored: true })).toEqual(
    expect.arrayContaining(["a.o", "build/out", "deep/lost.o", "local"]),
  );
  expect((await paths({ ...options, ignored: true })).filter((path) => /^(\.git|results)\//u.test(path))).toEqual([]);
});

test("empty folders are shipped, and a link is shipped as what it leads to", async () => {
  put({ "a/b": "x" });
  mkdirSync(join(folder, "empty/inner"), { recursive: true });
  symlinkSync("a/b", join(folder, "link"));
  const files = await readUpload(folder);
  expect(files.map(({ path }) => path)).toEqual(["a/b", "empty/inner/", "link"]);
  const out = mkdtempSync(join(tmpdir(), "tt-unpacked-"));
  const unpacked = spawnSync("tar", ["-xzf", "-", "-C", out], { input: archive(files).bytes });
  const found = spawnSync("find", [".", "-mindepth", "1"], { cwd: out, encoding: "utf8" }).stdout;
  rmSync(out, { recursive: true });
  expect(unpacked.status).toBe(0);
  expect(found.trim().split("\n").toSorted()).toEqual(["./a", "./a/b", "./empty", "./empty/inner", "./link"]);
});
