// Published figures, several runs and the lists, through the built command line.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Desk, type Ended } from "../support/cli.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk(0.02);
});
afterEach(() => desk.clear());

const article = ["compare", "published:c6g.8xlarge", "published:c7g.8xlarge"];
const results = (): string => join(desk.folder, "results");
const runs = (): string[] => readdirSync(results()).sort();
const sleep = (...words: string[]): Promise<Ended> =>
  desk.run(["run", "--rounds", "2", "--quiet", "--shell", "sh", "--name", "nap", ...words]);

describe("the article's table", () => {
  test("has all its rows, its times and its speedups in 80 columns, and says where two figures disagree", async () => {
    const { status, stdout } = await desk.run(article);
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const rows = lines
      .filter((line) => /^ {2}.* {2}\d\.\d\dx( †\d)?$/.test(line))
      .map((line) => line.trim().split(/ {2,}/));
    // As the article prints them, but for the times' form and for world and kernel's CPU speedup.
    expect(rows).toEqual([
      ["md5", "-", "2.26 s", "-", "2.16 s", "-", "1.05x"],
      ["sha1", "-", "2.67 s", "-", "1.94 s", "-", "1.38x"],
      ["sha256", "-", "0.820 s", "-", "0.810 s", "-", "1.01x"],
      ["sha512", "-", "2.87 s", "-", "1.03 s", "-", "2.79x †1"],
      ["pkg install git", "19.1 s", "4.76 s", "18.1 s", "3.40 s", "1.05x", "1.40x"],
      ["git clone src", "138 s", "316 s", "121 s", "240 s", "1.14x", "1.32x"],
      ["portsnap fetch extract", "160 s", "175 s", "124 s", "133 s", "1.28x", "1.32x"],
      ["FreeBSD world+kernel", "14:09", "6:04:53", "9:57", "3:55:13", "1.42x", "1.55x †2"],
      ["apache24", "8:23", "18:24", "6:09", "12:59", "1.36x", "1.42x"],
      ["Xorg", "54:31", "11:23:25", "41:33", "7:57:29", "1.31x", "1.43x"],
      ["libreoffice", "2:48:05", "29:35:03", "2:01:46", "20:39:46", "1.38x", "1.43x"],
    ]);
    const text = stdout.replace(/\n {2}(?=\S)/g, " ");
    expect(text).toMatch(/^†2 the source prints 1\.45x .*, but its own times give 1\.55x/m);
    expect(text).toContain(
      "published: Colin Percival, FreeBSD on the Graviton 3, 2022-05-23, https://www.daemonology.net/blog/2022-05-23-FreeBSD-Graviton-3.html",
    );
    expect(text).toContain("release unknown");
    expect(text).toContain("‡ n = 1: no interval");
    expect(text).toContain("nothing was measured");
  });

  test("calls a row as our own suite does where that one is asked for", async () => {
    const { status, stdout } = await desk.runHere([...article, "--suite", "packages"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^packages\n {2}pkg install git +19\.1 s .*\n {2}portsnap fetch extract +160 s /m);
    expect(stdout).not.toContain("git clone");
    const one = await desk.runHere([...article, "--suite", "packages/pkg-install-git"]);
    expect(one).toMatchObject({ status: 2, stderr: expect.stringContaining("sources/pkg-install-git") });
  });

  test("launches nothing and leaves no folder behind", async () => {
    await desk.run(article);
    expect(existsSync(results())).toBe(false);
    expect(desk.address()).toBeUndefined();
  });

  test.each([
    [["compare", "local", "published:c9g.large"], "there is published:c6g.8xlarge, published:c7g.8xlarge"],
    [["compare", "local", "published:c7g.8xlarge", "--suite", "node"], "nothing was published on node"],
    [[...article, "--", "true"], "expected a side that can run the command"],
  ])("is refused before anything is measured where it cannot be: %j", async (words, said) => {
    const { status, stderr } = await desk.runHere(words);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
    expect(existsSync(results())).toBe(false);
  });
});

test("a run with a published side shows it again, and can be shown beside another", async () => {
  const one = ["hashes/sha256", "--set", "blocks=10000", "--rounds", "2", "--quiet"];
  const first = await desk.run(["compare", "local", "published:c7g.8xlarge", "--suite", ...one]);
  expect(first.status).toBe(0);
  expect(first.stdout).toMatch(/^local -> published:c7g\.8xlarge/);
  const [name = ""] = runs();
  const again = await desk.runHere(["report", name]);
  expect(again.stdout).toBe(first.stdout);
  const wide = await desk.runHere([
    "report",
    name,
    "published:c6g.8xlarge",
    "--wide",
    "--baseline",
    "published:c6g.8xlarge",
  ]);
  expect(wide.stdout.replace(/\n {2}/g, " ")).toMatch(/^published:c6g\.8xlarge -> local, published:c7g\.8xlarge/);
  // 0.82 s of CPU there, 0.81 s here: the only pair of the three that is one row.
  expect(wide.stdout).toContain("(1.01) ‡");
});

test("two runs of one command stand side by side, and the list has both, with what cannot be read", async () => {
  await sleep("--", "sleep 0.05");
  await sleep("--seed", "7", "--", "sleep 0.05");
  const [a = "", b = ""] = runs();
  const both = await desk.run(["report", `old=${a}`, `new=${b}`]);
  expect(both.status).toBe(0);
  expect(both.stdout).toMatch(/^old -> new /);
  expect(both.stdout).toMatch(/^ {2}nap /m);
  expect(both.stdout.replace(/\n {2}/g, " ")).toContain("runs differ in seed: the run's name in old, 7 in new");
  const turned = await desk.runHere(["report", a, b, "--by", "command"]);
  expect(turned.status).toBe(2);

  mkdirSync(join(results(), "20200101-000000-dead"));
  writeFileSync(join(results(), "20200101-000000-dead", "plan.json"), '{"schema": 2}');
  const { status, stdout } = await desk.run(["list", "runs"]);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(
    /^20200101-000000-dead +cannot be read +results\/20200101-000000-dead\/plan\.json: schema: /,
  );
  expect(lines[2]).toMatch(new RegExp(`^${a} +20\\d\\d-.* local +command +2 +(none|\\d tainted) +closed$`));
  expect(lines[3]).toContain(b);
  const asJson = await desk.runHere(["list", "runs", "--format", "json"]);
  expect(asJson).toMatchObject({ status: 0, stderr: "" });
  const { schema, runs: all } = JSON.parse(asJson.stdout) as { schema: number; runs: Record<string, unknown>[] };
  expect(schema).toBe(1);
  expect(all.map(({ run }) => run)).toEqual(["20200101-000000-dead", a, b]);
  expect(all[0]).toEqual({ run: "20200101-000000-dead", error: expect.stringContaining("plan.json: schema: ") });
  expect(all[1]).toMatchObject({
    kind: "run",
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    sides: ["local"],
    suites: ["command"],
    records: 2,
    state: "closed",
  });
});

test("the types of the sandbox are listed, all or by how their names begin", async () => {
  // One that does not end itself between the calls.
  await desk.sandbox(["--idle-s", "10000"]);
  const all = await desk.run(["list", "types", "--cloud", "sandbox"]);
  expect(all).toMatchObject({ status: 0, stderr: "" });
  expect(all.stdout).toMatch(/^type +arch +vcpus +cores +threads +memory/);
  expect(all.stdout).toMatch(/^t9\.medium .* 4 GiB .* burstable$/m);
  const s2 = await desk.runHere(["list", "types", "s2", "--cloud", "sandbox"]);
  expect(
    s2.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(["type", "s2.large", "s2.medium", "s2.xlarge"]);
  const asJson = await desk.runHere(["list", "types", "s2.m", "--cloud", "sandbox", "--format", "json"]);
  expect(JSON.parse(asJson.stdout)).toEqual({
    schema: 1,
    region: "us-east-1",
    types: [
      expect.objectContaining({ name: "s2.medium", vcpus: 2, memory_bytes: 4 * 2 ** 30, burstable: false, cores: 2 }),
    ],
  });
  const none = await desk.runHere(["list", "types", "z9", "--cloud", "sandbox"]);
  expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('"z9"') });
  const nowhere = await desk.runHere(["list", "types", "c7g"]);
  expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining("no region is named") });
  const account = await desk.runHere(["list", "types", "c7g", "--region", "us-east-1"]);
  expect(account).toMatchObject({ status: 4, stderr: expect.stringContaining("no AWS credentials were found") });
});
