// libmd-base of suites/hashes: `md5 -t` and its family, by stand-ins that print what FreeBSD's print.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { articleDigests, digests, newMachine, rows, type Row } from "../support/hashes-suite.ts";
import { shells, lackedForStandIns } from "../support/shipped-suites.ts";
import { binFolder, posix, removeFolders, which } from "../support/suite-steps.ts";

afterAll(removeFolders);

describe("libmd-base", () => {
  const speeds = ["Speed = 1219512195.121951 bytes/second", "Speed = 1163.030000 MiB/second"];

  /** A PATH that is FreeBSD's so far as the suite looks: its uname, and `md5 -t` and its family. */
  function freebsd(speed: string, digest: (row: Row) => string = (row) => articleDigests[row]): string {
    const family = rows.map((row) => [
      row,
      [
        '[ "$*" = -t ] || exit 1',
        `echo "${row.toUpperCase()} time trial. Digesting 100000 10000-byte blocks ... done"`,
        `echo "Digest = ${digest(row)}"`,
        'echo "Time = 0.820000 seconds"',
        `echo "${speed}"`,
      ].join("\n"),
    ]);
    return binFolder(
      posix.filter((command) => command !== "uname"),
      { uname: "echo FreeBSD", "freebsd-version": "echo 14.3-RELEASE-p1", ...Object.fromEntries(family) },
    );
  }

  const each = speeds.flatMap((speed) => shells.map((shell) => [speed, shell] as const));
  for (const [speed, [name, ...args]] of each) {
    const what = `is proved and reports its own time where it prints "${speed}", under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`;
    test.skipIf(lackedForStandIns(name) !== undefined)(what, async () => {
      const machine = newMachine({ PATH: freebsd(speed) }, [which(name) ?? "", ...args]);
      const facts = await machine.setup();
      expect(facts.get("driver.libmd-base")).toBe("md5-t");
      expect(facts.get("fact.freebsd_version")).toBe("14.3-RELEASE-p1");
      for (const row of rows) {
        const { check } = await machine.trial(row, "libmd-base", "md5-t", "100000");
        expect(check).toEqual({
          status: 0,
          out: `work_id=1x100000x10000\ndigest=${articleDigests[row]}\nreported.user_s=0.820000\n`,
          err: "",
        });
      }
    });
  }

  for (const speed of speeds) {
    test(`fails on a wrong digest where it prints "${speed}"`, async () => {
      const machine = newMachine({ PATH: freebsd(speed, (row) => digests[row]) });
      const { check } = await machine.trial("sha512", "libmd-base", "md5-t", "100000");
      expect(check).toMatchObject({ status: 1, out: "" });
    });
  }

  const lines = ["SHA1 time trial. Digesting 100000 10000-byte blocks ... done", `Digest = ${articleDigests.sha1}`];
  const bad: Readonly<Record<string, readonly string[]>> = {
    "no time": lines,
    "two times": [...lines, "Time = 1.000000 seconds", "Time = 1.000000 seconds"],
    "a time that is no number": [...lines, "Time = nan seconds"],
    "a time of whole seconds": [...lines, "Time = 1 seconds"],
    "no digest": [lines[0] ?? "", "Time = 1.000000 seconds"],
    "two digests": [...lines, ...lines.slice(1), "Time = 1.000000 seconds"],
    "another count of blocks": [
      "SHA1 time trial. Digesting 10000 10000-byte blocks ... done",
      ...lines.slice(1),
      "Time = 1.000000 seconds",
    ],
  };
  for (const [what, said] of Object.entries(bad)) {
    test(`fails on ${what}`, async () => {
      const env = { TT_ROW: "sha1", TT_IMPL: "libmd-base", TT_DRIVER: "md5-t", TT_PARAM_blocks: "100000" };
      expect(await newMachine().check(`${said.join("\n")}\n`, env)).toMatchObject({ status: 1, out: "" });
    });
  }

  test("is skipped where other than 100000 blocks are asked for, and refuses to run", async () => {
    const machine = newMachine({ PATH: freebsd(speeds[1] ?? "") });
    const reason = "the base system's trial is 100000 blocks, not 200000";
    expect((await machine.setup({ TT_PARAM_blocks: "200000" })).get("skip.libmd-base")).toBe(reason);
    expect((await machine.trial("md5", "libmd-base", "md5-t", "200000")).run).toEqual({
      status: 2,
      out: "",
      err: `hashes: blocks: ${reason}\n`,
    });
  });

  test("is skipped where the base system lacks one of the four", async () => {
    const path = freebsd(speeds[1] ?? "");
    rmSync(join(path, "sha512"));
    expect((await newMachine({ PATH: path }).setup()).get("skip.libmd-base")).toBe("no sha512 command");
  });
});
