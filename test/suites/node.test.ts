// suites/node: its trials as the archive brings them, with the tinybench that it bundles.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { archive } from "../../src/pipeline/archive/archive.ts";
import type { Suite } from "../../src/domain/plan/suite.ts";
import { binFolder, Machine, posix, removeFolders } from "../support/suite-steps.ts";

let suite: Suite;
/** As a machine unpacks it: away from every node_modules of ours. */
let shipped: string;
let machine: Machine;

beforeAll(async () => {
  suite = await suiteFolders().load("node");
  shipped = mkdtempSync(join(tmpdir(), "timetrial-node-"));
  for (const { path, bytes } of suite.files) {
    mkdirSync(dirname(join(shipped, path)), { recursive: true });
    writeFileSync(join(shipped, path), bytes);
  }
  machine = new Machine(shipped);
});
afterAll(() => {
  removeFolders();
  rmSync(shipped, { recursive: true, force: true });
});

const version = process.versions.node;
const env = (row: string, iterations = "5") => ({
  TT_ROW: row,
  TT_IMPL: "node",
  TT_DRIVER: "tinybench",
  TT_PARAM_iterations: iterations,
});

test("the archive brings tinybench with its licence, and no types", () => {
  const brought = suite.files.map(({ path }) => path).filter((path) => path.startsWith("node_modules/"));
  expect(brought).toEqual(["LICENSE", "dist/index.js", "package.json"].map((path) => `node_modules/tinybench/${path}`));
  expect(archive(suite.files).bytes.length).toBeLessThan(100_000);
});

test("setup names node's version as the work", async () => {
  const said = await machine.setup();
  expect(said.get("driver.node")).toBe("tinybench");
  expect(said.get("work_id")).toBe(`node-${version}`);
  expect(said.get("fact.v8_version")).toBe(process.versions.v8);
});

test("a machine without node skips the rows and says so", async () => {
  const bare = new Machine(shipped, { PATH: binFolder(posix) });
  expect([...(await bare.setup())]).toEqual([["skip.node", "no node on this machine"]]);
});

test("a node that cannot run the trials skips the rows with its reason", async () => {
  const old = new Machine(shipped, {
    PATH: binFolder(posix, {
      node: `case $* in *process.execPath*) echo "$0" ;; *versions*) echo 12.0.0 ;; *) echo "SyntaxError: x" >&2; exit 1 ;; esac`,
    }),
  });
  expect([...(await old.setup())]).toEqual([
    ["skip.node", "node 12.0.0 does not run the trials (20 or later does): SyntaxError: x"],
  ]);
});

describe("a trial", () => {
  const rows = ["md5", "sha1", "sha256", "sha512", "json", "sort", "regexp", "map-set", "typed-array"];

  test("there is of every row of the manifest", () => {
    expect(suite.manifest.rows.map(({ name }) => name)).toEqual(rows);
  });

  test.each(rows)("of %s proves the pinned digest and reports its p50", async (row) => {
    await machine.setup();
    const run = await machine.step("run.sh", env(row));
    expect(run).toMatchObject({ status: 0, err: "" });
    const check = await machine.check(run.out, env(row));
    expect(check).toMatchObject({ status: 0, err: "" });
    expect(check.out).toMatch(
      new RegExp(
        `^work_id=node-${version.replaceAll(".", "\\.")}\ndigest=[0-9a-f]{64}\nreported\\.p50_s=\\d+\\.\\d{9}\n$`,
      ),
    );
  });

  const right = "Digest = 437ab175acfaf287c8e4510cd724972665ab882c82daecb8e1752881939f949d\n";
  const times = "Runs = 5 of 6\nP50 = 0.014479332 seconds\n";
  test.each<[string, string]>([
    ["a wrong digest", right.replace("43", "44") + times],
    ["a kernel that gave two results", right + right.replace("43", "44") + times],
    ["too few runs", right + times.replace("5 of 6", "4 of 5")],
    ["no p50", `${right}Runs = 5 of 6\n`],
    ["a p50 that is no time", right + times.replace("0.014479332", "NaN")],
    ["another line", `${right}${times}x\n`],
    ["no output", ""],
  ])("fails its check on %s, and claims nothing", async (_what, out) => {
    await machine.setup();
    expect(await machine.check(out, env("sha256"))).toMatchObject({ status: 1, out: "" });
  });

  test("passes its check on the right output", async () => {
    await machine.setup();
    expect((await machine.check(right + times, env("sha256"))).status).toBe(0);
  });

  test.each(["0", "x", "", "-1"])("is refused for %j iterations", async (iterations) => {
    const run = await machine.step("run.sh", env("sort", iterations));
    expect(run.status).toBe(2);
    expect(run.err).toContain("iterations: expected a whole number");
  });
});
