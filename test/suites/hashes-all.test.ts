// suites/hashes-all: every copy runs, and every copy is checked.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests } from "../support/hashes-suite.ts";
import { machineOf, removeShipped, type Shipped, shells, shipped, trial } from "../support/shipped-suites.ts";
import { binFolder, posix, removeFolders, which } from "../support/suite-steps.ts";

const tools = [...posix, "cp", "mkdir", "tail", "node"];
let suite: Shipped;
beforeAll(async () => {
  suite = await shipped("hashes-all");
});
afterAll(() => {
  removeFolders();
  removeShipped();
});

describe("hashes-all", () => {
  for (const [name, ...args] of shells) {
    test.skipIf(which(name) === undefined)(`proves each of three copies under ${name} [needs ${name}]`, async () => {
      const path = binFolder(
        tools.filter((tool) => tool !== "sh"),
        { sh: `exec ${[which(name), ...args].join(" ")} "$@"` },
      );
      const machine = machineOf(suite, { blocks: "10000" }, { PATH: path, TT_NCPU: "3" });
      expect((await machine.setup()).get("driver.openssl-evp")).toBe("node");
      const { run, check } = await trial(machine, "sha1-all", "openssl-evp", "node");
      expect(run).toEqual({ status: 0, out: "", err: "" });
      expect(check).toEqual({
        status: 0,
        out: `work_id=1x10000x10000, in each of ncpu copies\n` + `digest=${digests.sha1}\nreported.copies=3\n`,
        err: "",
      });
      expect(existsSync(join(machine.work, "copy.3"))).toBe(true);
      expect(existsSync(join(machine.work, "copy.4"))).toBe(false);
    });
  }

  test("is not proved where one copy's digest is another's, or missing", async () => {
    const machine = machineOf(suite, { blocks: "10000", copies: "2" });
    const env = { TT_ROW: "md5-all", TT_IMPL: "openssl-evp", TT_DRIVER: "c" };
    writeFileSync(join(machine.work, "copy.1"), `Digest = ${digests.md5}\n`);
    expect(await machine.check("", env)).toMatchObject({ status: 1, out: "" });
    writeFileSync(join(machine.work, "copy.2"), `Digest = ${digests.sha1}\n`);
    const said = await machine.check("", env);
    expect(said).toMatchObject({ status: 1, out: "" });
    expect(said.err).toContain("md5-all: copy 2 of 2 did not do the work\n");
    writeFileSync(join(machine.work, "copy.2"), `Digest = ${digests.md5}\n`);
    expect(await machine.check("", env)).toMatchObject({ status: 0, err: "" });
  });

  test("fails where a copy fails, and says which", async () => {
    const machine = machineOf(suite, { blocks: "10000", copies: "2" });
    const { run } = await trial(machine, "md5-all", "openssl-evp", "python");
    expect(run).toEqual({
      status: 1,
      out: "",
      err: "copy 1 of 2 failed\nhashes: driver: setup did not choose python for openssl-evp\n",
    });
  });

  for (const copies of ["0", "", "-1", "ten", "99999", "2 3"]) {
    test(`refuses "${copies}" copies`, async () => {
      expect((await trial(machineOf(suite, { copies }), "md5-all", "openssl-evp", "c")).run).toEqual({
        status: 2,
        out: "",
        err: `jobs: expected a whole number from 1 to 9999, got "${copies}"\n`,
      });
    });
  }
});
