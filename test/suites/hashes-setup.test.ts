// The setup of suites/hashes: which driver it chooses, and what it tells of the library that will be timed.

import { afterAll, describe, expect, test } from "vitest";
import { available, newMachine, python, shaNi } from "../support/hashes-suite.ts";
import { binFolder, posix, type Env, removeFolders } from "../support/suite-steps.ts";

afterAll(removeFolders);

describe("setup", () => {
  test.skipIf(python === undefined)("falls back to python3 where there is no compiler [needs python3]", async () => {
    const path = binFolder(posix, { python3: `exec ${python ?? ""} "$@"` });
    const machine = newMachine({ PATH: path });
    const facts = await machine.setup();
    expect(facts.get("driver.openssl-evp")).toBe("python");
    expect(facts.get("skip.portable-c")).toBe("no C compiler (cc, gcc or clang)");
    expect(facts.get("fact.python_version")).toMatch(/^3\.\d+/);
    expect(facts.get("fact.openssl_version")).toMatch(/SSL \d/);
    expect((await machine.trial("sha1", "openssl-evp", "python", "10000")).check).toMatchObject({ status: 0 });
  });

  test("falls back to node where there is neither compiler nor python3, and tells no capability words", async () => {
    const machine = newMachine({ PATH: binFolder([...posix, "node"]) });
    expect(Object.fromEntries(await machine.setup())).toEqual({
      "driver.openssl-evp": "node",
      "fact.node_version": process.versions.node,
      "fact.openssl_version": `OpenSSL ${process.versions.openssl} (in Node)`,
      "skip.portable-c": "no C compiler (cc, gcc or clang)",
      "skip.libmd-base": "only on FreeBSD",
    });
    expect((await machine.trial("sha1", "openssl-evp", "node", "10000")).check).toMatchObject({ status: 0 });
  });

  test("says for each driver why there is none", async () => {
    expect((await newMachine({ PATH: binFolder(posix) }).setup()).get("skip.openssl-evp")).toBe(
      "c: no C compiler (cc, gcc or clang); python: no python3; node: no node",
    );
  });

  test("takes no other driver than the one that is forced", async () => {
    const machine = newMachine({ PATH: binFolder([...posix, "node"]) });
    expect((await machine.setup({ TT_PARAM_driver: "python" })).get("skip.openssl-evp")).toBe("python: no python3");
    expect((await machine.setup({ TT_PARAM_driver: "node" })).get("driver.openssl-evp")).toBe("node");
    expect((await machine.setup({ TT_PARAM_driver: "speed" })).get("skip.openssl-evp")).toBe(
      'driver: expected c, python or node, got "speed"',
    );
  });

  test("passes over a compiler that fails, and quotes it", async () => {
    const path = binFolder([...posix, "node"], { cc: 'echo "cc: error: no such luck\t\x01" >&2; exit 1' });
    const facts = await newMachine({ PATH: path }).setup();
    expect(facts.get("driver.openssl-evp")).toBe("node");
    expect(facts.get("skip.portable-c")).toBe("cc failed on portable: cc: error: no such luck ");
  });

  test("passes over a compiler whose programs give wrong digests", async () => {
    const program = '#!/bin/sh\\necho "Digest = 00"\\n';
    const path = binFolder([...posix, "node", "chmod"], {
      clang: `while [ "$1" != -o ]; do shift; done; printf '${program}' >"$2"; chmod +x "$2"`,
    });
    const facts = await newMachine({ PATH: path }).setup();
    expect(facts.get("driver.openssl-evp")).toBe("node");
    expect(facts.get("skip.portable-c")).toBe("portable, as made by clang, does not run or gives wrong digests");
  });

  test("passes over a python3 whose hashlib is not OpenSSL's", async () => {
    const path = binFolder([...posix, "node"], {
      python3: 'case $1 in -c) echo "$0" ;; *) echo "evp.py: md5: no OpenSSL" >&2; exit 1 ;; esac',
    });
    expect((await newMachine({ PATH: path }).setup({ TT_PARAM_driver: "python" })).get("skip.openssl-evp")).toBe(
      "python: python3's hashlib does not use OpenSSL, or gives wrong digests",
    );
  });

  for (const { driver, needs, there } of available) {
    test.skipIf(!there || !shaNi)(
      `tells that a mask hides sha_ni from driver ${driver} [needs ${needs}, SHA-NI, openssl 3]`,
      async () => {
        // Without a compiler where none is wanted, which is quicker.
        const path: Env =
          driver === "c"
            ? {}
            : { PATH: binFolder([...posix, "node", "openssl"], { python3: `exec ${python ?? "false"} "$@"` }) };
        const listed = async (env: Env): Promise<readonly string[] | undefined> =>
          (await newMachine(path).setup({ TT_PARAM_driver: driver, ...env }))
            .get("fact.features.openssl-evp")
            ?.split(",");
        expect(await listed({})).toContain("sha_ni");
        expect(await listed({ OPENSSL_ia32cap: ":~0x20000000" })).not.toContain("sha_ni");
        expect(await listed({ OPENSSL_ia32cap: "" })).toEqual(["none"]);
      },
    );
  }

  const words: Env = {
    "OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6f1bf07ab": "sha_ni,avx2,avx,ssse3,bmi1,bmi2",
    "OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6d1bf07ab env::~0x20000000": "avx2,avx,ssse3,bmi1,bmi2",
    "OPENSSL_ia32cap=0x9fffa32034f8bffff:0x20000000:0x0:0x0:0x0": "sha_ni,avx,ssse3",
    "OPENSSL_ia32cap=0x0:0x0 env:": "none",
    "OPENSSL_armcap=0x7d": "sha1,sha2,sha512",
    "OPENSSL_armcap=0xbd": "sha1,sha2",
    "OPENSSL_armcap=0x1": "none",
    "OPENSSL_riscvcap=RV64GC": "",
  };
  for (const [settings, names] of Object.entries(words)) {
    test(`reads ${settings} as "${names}"`, async () => {
      const openssl = `case $* in *-c*) echo "CPUINFO: ${settings}" ;; *) echo "OpenSSL 3.9.9" ;; esac`;
      const facts = await newMachine({ PATH: binFolder([...posix, "node"], { openssl }) }).setup();
      expect(facts.get("fact.openssl_cpu")).toBe(settings);
      expect(facts.get("fact.openssl_cpu_source")).toBe("openssl version -c, of OpenSSL 3.9.9");
      expect(facts.get("fact.features.openssl-evp") ?? "").toBe(names);
    });
  }
});
