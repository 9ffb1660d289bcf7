// suites/hashes: its manifest, its trials by every driver that this machine has, and its sources.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { manifestSchema } from "../../src/domain/plan/suite.ts";
import {
  articleDigests,
  available,
  cc,
  digests,
  headers,
  newMachine,
  rows,
  suiteFolder,
} from "../support/hashes-suite.ts";
import { binFolder, output, posix, which, type Machine, removeFolders } from "../support/suite-steps.ts";

afterAll(removeFolders);

/** Machines that were set up once, each for one driver of openssl-evp. */
const ready = new Map<string, Promise<Machine>>();
function machineWith(driver: string): Promise<Machine> {
  const found = ready.get(driver);
  if (found !== undefined) return found;
  const making = (async () => {
    const machine = newMachine();
    expect((await machine.setup({ TT_PARAM_driver: driver })).get("driver.openssl-evp")).toBe(driver);
    return machine;
  })();
  ready.set(driver, making);
  return making;
}

describe("the manifest", () => {
  test("says what the schema of manifests allows, with three impls of four rows", () => {
    const manifest = v.parse(manifestSchema, parse(readFileSync(join(suiteFolder, "suite.toml"), "utf8")));
    expect(manifest.rows.map(({ name, impl, runs, warmup, os }) => ({ name, impl, runs, warmup, os }))).toEqual(
      ["openssl-evp", "portable-c", "libmd-base"].flatMap((impl) =>
        rows.map((name) => ({
          name,
          impl,
          runs: 10,
          warmup: 1,
          os: impl === "libmd-base" ? ["freebsd"] : undefined,
        })),
      ),
    );
    expect(manifest.params).toEqual({ blocks: "100000", driver: "auto" });
  });

  test("offers for blocks=auto only what has a pinned digest", async () => {
    const manifest = v.parse(manifestSchema, parse(readFileSync(join(suiteFolder, "suite.toml"), "utf8")));
    const machine = newMachine();
    for (const blocks of manifest.auto["blocks"] ?? []) {
      const each = Number(blocks) % 100_000 === 0 ? 100_000 : 10_000;
      const digest = each === 100_000 ? articleDigests.md5 : digests.md5;
      const env = { TT_ROW: "md5", TT_IMPL: "openssl-evp", TT_DRIVER: "c", TT_PARAM_blocks: blocks };
      expect(await machine.check(`Digest = ${digest}\n`.repeat(Number(blocks) / each), env)).toMatchObject({
        status: 0,
        out: `work_id=${Number(blocks) / each}x${each}x10000\ndigest=${digest}\n`,
      });
    }
  });
});

describe("a trial", () => {
  for (const { impl, driver, needs, there } of available) {
    for (const row of rows) {
      test.skipIf(!there)(`of ${row} by ${impl} with driver ${driver} proves its digest [needs ${needs}]`, async () => {
        const { run, check } = await (await machineWith(driver)).trial(row, impl, driver, "10000");
        expect(run).toEqual({ status: 0, out: `Digest = ${digests[row]}\n`, err: "" });
        expect(check).toEqual({ status: 0, out: `work_id=1x10000x10000\ndigest=${digests[row]}\n`, err: "" });
      });
    }
  }

  for (const row of rows) {
    test.skipIf(cc === undefined)(`of ${row} by portable-c proves its digest [needs cc]`, async () => {
      const { check } = await (await machineWith(headers ? "c" : "node")).trial(row, "portable-c", "c", "10000");
      expect(check).toEqual({ status: 0, out: `work_id=1x10000x10000\ndigest=${digests[row]}\n`, err: "" });
    });
  }

  test("of 100000 blocks is the article's", async () => {
    const { check } = await (await machineWith("node")).trial("sha1", "openssl-evp", "node", "100000");
    expect(check.out).toBe(`work_id=1x100000x10000\ndigest=${articleDigests.sha1}\n`);
  });

  for (const { driver, needs, there } of available) {
    test.skipIf(!there)(`of 30000 blocks is three contexts with driver ${driver} [needs ${needs}]`, async () => {
      const { run, check } = await (await machineWith(driver)).trial("sha1", "openssl-evp", driver, "30000");
      expect(run.out).toBe(`Digest = ${digests.sha1}\n`.repeat(3));
      expect(check).toEqual({ status: 0, out: `work_id=3x10000x10000\ndigest=${digests.sha1}\n`, err: "" });
    });
  }

  for (const blocks of ["12345", "0", "", "010000", "1e5", "-10000", "10000 ", "10000000000000000000000"]) {
    test(`of "${blocks}" blocks is refused, and so is its setup`, async () => {
      const machine = newMachine();
      const refusal = {
        status: 2,
        out: "",
        err: `hashes: blocks: expected a multiple of 10000, of at most nine digits, got "${blocks}"\n`,
      };
      expect((await machine.trial("sha1", "openssl-evp", "node", blocks)).run).toEqual(refusal);
      expect(await machine.step("setup.sh", { TT_PARAM_blocks: blocks })).toEqual(refusal);
    });
  }

  test("of a row that is no hash, or by a driver that is none, is refused", async () => {
    const env = { TT_ROW: "md5", TT_IMPL: "openssl-evp", TT_DRIVER: "speed", TT_PARAM_blocks: "10000" };
    expect(await newMachine().step("run.sh", env)).toMatchObject({
      status: 2,
      err: 'hashes: no driver "speed" for openssl-evp\n',
    });
    expect(await newMachine().step("run.sh", { ...env, TT_ROW: "reboot", TT_DRIVER: "md5-t" })).toMatchObject({
      status: 2,
      err: 'hashes: row: expected md5, sha1, sha256 or sha512, got "reboot"\n',
    });
  });

  test("by a driver that setup did not choose is refused", async () => {
    const { run } = await (await machineWith("node")).trial("md5", "openssl-evp", "python", "10000");
    expect(run).toEqual({ status: 2, out: "", err: "hashes: driver: setup did not choose python for openssl-evp\n" });
  });

  test("leaves nothing behind after cleanup", async () => {
    const machine = newMachine();
    await machine.setup();
    expect(await machine.step("cleanup.sh")).toEqual({ status: 0, out: "", err: "" });
    expect(output("ls", "-A", machine.work)).toBe("");
  });
});

describe("the sources", () => {
  for (const [name, ...args] of [["dash"], ["bash"], ["busybox", "sh"], ["mksh"]] as const) {
    test.skipIf(which(name) === undefined)(`do the same under ${name} [needs ${name}]`, async () => {
      const path = binFolder([...posix, name, "node"]);
      const machine = newMachine({ PATH: path }, [name, ...args]);
      expect((await machine.setup()).get("driver.openssl-evp")).toBe("node");
      const { run, check } = await machine.trial("sha1", "openssl-evp", "node", "20000");
      expect(run).toEqual({ status: 0, out: `Digest = ${digests.sha1}\n`.repeat(2), err: "" });
      expect(check).toEqual({ status: 0, out: `work_id=2x10000x10000\ndigest=${digests.sha1}\n`, err: "" });
    });
  }

  for (const compiler of ["gcc", "clang"]) {
    test.skipIf(which(compiler) === undefined)(
      `compile under ${compiler} without a warning [needs ${compiler}]`,
      () => {
        const sources = [
          "trial",
          "portable",
          "portable_md5",
          "portable_sha1",
          "portable_sha2",
          ...(headers ? ["evp"] : []),
        ];
        for (const source of sources) {
          const args = ["-Wall", "-Wextra", "-Werror", "-std=c99", "-O2", "-fsyntax-only", `${source}.c`];
          expect(spawnSync(compiler, args, { cwd: suiteFolder, encoding: "utf8" })).toMatchObject({
            status: 0,
            stderr: "",
          });
        }
      },
    );
  }
});
