import { describe, expect, test } from "vitest";
import { environmentDifferences } from "../../../src/analysis/notes/environment-differences.ts";
import type { Facts } from "../../../src/domain/run/machine.ts";
import { someFacts } from "../../support/given.ts";

const impls = ["openssl-evp", "portable-c"];
const evp = { suite: "hashes", impl: "openssl-evp", driver: "python", impls };
const portable = { suite: "hashes", impl: "portable-c", driver: "c", impls };
const hashes = (facts: Record<string, string>): Partial<Facts> => ({ suites: { hashes: facts } });

const between = (row: typeof evp, a: Partial<Facts>[], b: Partial<Facts>[]) =>
  environmentDifferences(row, { side: "a", facts: a.map(someFacts) }, { side: "b", facts: b.map(someFacts) });

describe("what differs beside the CPU is a note", () => {
  test("system, kernel and C library, on every row", () => {
    const old = { os: "Debian 12", release: "6.1.0", libc: "glibc 2.36" };
    const young = { os: "Debian 13", release: "6.12.1", libc: "glibc 2.41" };
    for (const row of [evp, portable]) {
      expect(between(row, [old], [young])).toEqual([
        "OS differs: Debian 12 on a, Debian 13 on b",
        "kernel differs: Linux 6.1.0 on a, Linux 6.12.1 on b",
        "C library differs: glibc 2.36 on a, glibc 2.41 on b",
      ]);
    }
  });

  test("a library's version, on the rows that time it alone", () => {
    const [a, b] = [hashes({ openssl_version: "OpenSSL 3.0.22" }), hashes({ openssl_version: "OpenSSL 3.5.1" })];
    expect(between(evp, [a], [b])).toEqual(["openssl version differs: OpenSSL 3.0.22 on a, OpenSSL 3.5.1 on b"]);
    expect(between(portable, [a], [b])).toEqual([]);
  });

  test("a compiler's, on the rows that it made", () => {
    const [a, b] = [hashes({ compiler: "cc 12" }), hashes({ compiler: "cc 14" })];
    expect(between(portable, [a], [b])).toEqual(["compiler differs: cc 12 on a, cc 14 on b"]);
    expect(between(evp, [a], [b])).toEqual([]);
    const own = [hashes({ "compiler.openssl-evp": "cc 12" }), hashes({ "compiler.openssl-evp": "cc 14" })] as const;
    expect(between(evp, [own[0]], [own[1]])).toHaveLength(1);
    expect(between(portable, [own[0]], [own[1]])).toEqual([]);
  });

  test("a compiler's and a linker's, on every row of a suite that is a build, whatever runs it", () => {
    for (const [suite, driver] of [
      ["linux-kernel", "make"],
      ["freebsd-kernel-cross", "make.py"],
      ["debian-src", "dpkg-buildpackage"],
      ["world", "make"],
    ] as const) {
      const row = { suite, impl: "make", driver, impls: ["make"] };
      const facts = (version: string): Partial<Facts> => ({
        suites: { [suite]: { compiler_version: `clang ${version}`, linker_version: `LLD ${version}`, jobs: version } },
      });
      expect(between(row, [facts("14")], [facts("15")])).toEqual([
        "compiler version differs: clang 14 on a, clang 15 on b",
        "linker version differs: LLD 14 on a, LLD 15 on b",
      ]);
    }
  });

  test("of one machine out of several, too", () => {
    expect(between(evp, [{ os: "x" }, { os: "y" }], [{ os: "x" }])).toEqual(["OS differs: x and y on a, x on b"]);
  });
});

describe("nothing is said", () => {
  test("where all is the same, or one side does not tell", () => {
    expect(between(evp, [{ os: "x" }, { os: "y" }], [{ os: "y" }, { os: "x" }])).toEqual([]);
    expect(between(evp, [{ os: "x" }], [{}])).toEqual([]);
    expect(between(evp, [{ os: "x" }], [])).toEqual([]);
  });

  test("of facts that are no versions", () => {
    const [a, b] = [hashes({ "features.openssl-evp": "avx2" }), hashes({ "features.openssl-evp": "sha_ni" })];
    expect(between(evp, [a], [b])).toEqual([]);
  });
});
