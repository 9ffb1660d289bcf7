// Suites in folders: what a manifest must be, and what is refused before it is read.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { loadSuite, readManifest } from "../../../src/adapters/folders/suites.ts";
import { type Refusal, refusalOf, thrownBy } from "../../support/refusal.ts";

const good = `name = "zlib"
title = "zlib"
version = "1"
os = ["linux"]

[params]
level = "6"

[[rows]]
name = "deflate"
impl = "zlib"

[[rows]]
name = "inflate"
impl = "zlib"
runs = 5
`;

/** The message with which a manifest is refused. */
const refusal = (text: string): Refusal => thrownBy(() => readManifest(text, "suites/zlib/suite.toml"));

describe("a manifest", () => {
  test("that is right is taken, with its defaults", () => {
    expect(readManifest(good, "suites/zlib/suite.toml").rows).toMatchObject([
      { name: "deflate", runs: 10, warmup: 1, fresh: false },
      { name: "inflate", runs: 5 },
    ]);
  });

  test("with a wrong type is refused with file, line, path and value", () => {
    const error = refusal(good.replace("runs = 5", 'runs = "ten"'));
    expect(error.message).toBe(
      'suites/zlib/suite.toml:16: rows[1].runs: expected a whole number of at least 1, got "ten"',
    );
    expect(error.hint).toBe("write it without quotes");
    expect(error.exitStatus).toBe(2);
  });

  test("with an unknown key is refused with its line", () => {
    expect(refusal(good.replace("runs = 5", "rounds = 5")).message).toBe(
      "suites/zlib/suite.toml:16: rows[1].rounds: unknown key",
    );
    expect(refusal(`colour = "red"\n${good}`).message).toBe("suites/zlib/suite.toml:1: colour: unknown key");
  });

  test("with a number for a text is refused", () => {
    expect(refusal(good.replace('level = "6"', "level = 6")).message).toBe(
      "suites/zlib/suite.toml:7: params.level: expected a text in quotes, got 6",
    );
  });

  test("without what it needs is refused", () => {
    expect(refusal(good.replace('title = "zlib"\n', "")).message).toContain("title: expected");
    expect(refusal(good.slice(0, good.indexOf("[[rows]]"))).message).toContain("rows: expected");
  });

  test("that is no TOML is refused with line and column", () => {
    expect(refusal(`${good}\nname = no\n`).message).toMatch(/^suites\/zlib\/suite\.toml:18:\d+: expected TOML: /);
  });

  test("with a name that could leave its folder is refused", () => {
    expect(refusal(good.replace('impl = "zlib"', 'impl = "../x"')).message).toContain("rows[0].impl: expected a name");
  });
});

describe("a suite's folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-suite-"));
  const manifest = join(folder, "suite.toml");
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(manifest, good);
    for (const step of ["run.sh", "check.sh"]) writeFileSync(join(folder, step), "#!/bin/sh\n");
  });
  const refused = () => refusalOf(() => loadSuite(folder, "./mine"));

  test.each([
    ["a FIFO, which is not waited for", () => execFileSync("mkfifo", [manifest])],
    ["a link to a device without end", () => symlinkSync("/dev/zero", manifest)],
    ["a link to another manifest", () => symlinkSync(join(folder, "elsewhere.toml"), manifest)],
    ["a folder", () => mkdirSync(manifest)],
  ])("whose manifest is %s, is refused", async (_, plant) => {
    rmSync(manifest);
    plant();
    expect(await refused()).toMatchObject({
      code: "SUITE_INVALID",
      message: "./mine/suite.toml: expected a plain file, found something else",
    });
  });

  test.each([
    ["a FIFO", () => execFileSync("mkfifo", [join(folder, "more")])],
    ["a link", () => symlinkSync("/etc/passwd", join(folder, "more"))],
  ])("with %s beside its steps is refused", async (_, plant) => {
    plant();
    expect(await refused()).toMatchObject({ code: "SUITE_INVALID", message: expect.stringMatching(/^more: expected a file/) }); // prettier-ignore
  });

  test("with more than is ever shipped is refused before it is read", async () => {
    truncateSync(manifest, 2 ** 20 + 1);
    expect((await refused()).message).toBe("./mine/suite.toml: expected at most 1048576 bytes, found 1048577");
    writeFileSync(manifest, good);
    writeFileSync(join(folder, "data"), "");
    truncateSync(join(folder, "data"), 2 ** 40);
    expect((await refused()).message).toBe("data: expected at most 100000000 bytes in all files");
  });

  test("without a manifest is none", async () => {
    rmSync(manifest);
    expect(await refused()).toMatchObject({ code: "SUITE_UNKNOWN" });
  });
});

test("a bundled package that is no plain name is refused", () => {
  expect(refusal(good.replace("\n[params]", 'bundle = ["../x"]\n\n[params]')).message).toContain("bundle");
});

test("a suite and a row may say what they are comparable with, in a text", () => {
  const text =
    good.replace('title = "zlib"', 'title = "zlib"\ncomparable = "one zlib only"') + 'comparable = "same CPU"\n';
  const manifest = readManifest(text, "suites/zlib/suite.toml");
  expect([manifest.comparable, manifest.rows[1]?.comparable]).toEqual(["one zlib only", "same CPU"]);
  expect(refusal(text.replace('"same CPU"', "7")).message).toContain("rows[1].comparable: expected a text in quotes");
});
