// The digests that the client knows are those that the suites' own checks know.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOfBlocks, expectedDigest } from "../../../src/analysis/audit/expected-digests.ts";
import { pinnedWork } from "../../../src/domain/run/pinned-digests.ts";
import { completed } from "../../support/records.ts";

const suites = join(import.meta.dirname, "../../../suites");

/** All of a suite's sh, lines that set one variable from two halves put together. */
function textOf(suite: string): string {
  return readdirSync(join(suites, suite))
    .filter((file) => file.endsWith(".sh"))
    .map((file) => readFileSync(join(suites, suite, file), "utf8"))
    .join("\n")
    .replace(/\n\s*want=\$\{want\}/g, "");
}

describe.each([
  ["hashes", ["md5", "sha1", "sha256", "sha512"], [{ blocks: "100000" }, { blocks: "20000" }]],
  [
    "crypto",
    ["aes-256-gcm", "chacha20-poly1305", "rsa2048-sign", "rsa2048-verify", "ecdsap256-sign", "ecdsap256-verify"],
    [{ units: "20" }],
  ],
  ["node", ["md5", "sha1", "sha256", "sha512", "json", "sort", "regexp", "map-set", "typed-array"], [{}]],
  ["unpack", ["any"], [{ files: "200" }, { files: "4000" }, { files: "20000" }]],
] as const)("the suite %s", (suite, rows, params) => {
  const text = textOf(suite);

  test("has every digest that the client expects", () => {
    for (const row of rows)
      for (const chosen of params) {
        const { digest = "none" } = pinnedWork({ suite, row, params: chosen }) ?? {};
        expect(text, `${suite}/${row}`).toContain(digest);
      }
  });

  test("has no digest that the client does not expect", () => {
    const pinned = rows.flatMap((row) => params.map((chosen) => pinnedWork({ suite, row, params: chosen })?.digest));
    const inText = [...text.matchAll(/want=([0-9a-f]{32,128})\b/g)].map(([, digest]) => digest);
    expect(inText.length).toBeGreaterThan(0);
    expect(pinned).toEqual(expect.arrayContaining(inText));
  });
});

test("the digests of the hashes are those that this computer computes", () => {
  for (const row of ["md5", "sha1", "sha256", "sha512"]) {
    const params = { blocks: "10000" };
    const pinned = pinnedWork({ suite: "hashes", row, params });
    expect(pinned?.work_id).toBe("1x10000x10000");
    expect(digestOfBlocks(row, 10_000, 10_000)).toBe(pinned?.digest);
    expect(expectedDigest(completed({ suite: "hashes", row, params, work_id: "3x10000x10000" }))).toBe(pinned?.digest);
  }
});

test("other blocks of the hashes are computed, and blocks of another size are not taken for those that are known", () => {
  const ofWork = (work_id: string) => expectedDigest(completed({ suite: "hashes", row: "md5", work_id }));
  expect(ofWork("1x1x3")).toBe("b95f67f61ebb03619622d798f45fc2d3");
  expect(ofWork("1x10000x1")).toBe(createHash("md5").update(Buffer.alloc(10_000)).digest("hex"));
});

test("the copies of hashes-all and crypto's -all rows have the digest of one", () => {
  const all = pinnedWork({ suite: "hashes-all", row: "md5-all", params: { blocks: "100000", copies: "ncpu" } });
  expect(all?.digest).toBe(pinnedWork({ suite: "hashes", row: "md5", params: {} })?.digest);
  expect(all?.work_id).toBe("1x100000x10000, in each of ncpu copies");
  expect(pinnedWork({ suite: "crypto", row: "rsa2048-sign-all", params: {} })).toEqual(
    pinnedWork({ suite: "crypto", row: "rsa2048-sign", params: {} }),
  );
});

test("nothing is expected of a build, of a row that is not there, or of a number of blocks without a digest", () => {
  expect(pinnedWork({ suite: "linux-kernel", row: "build", params: {} })).toBeUndefined();
  expect(pinnedWork({ suite: "hashes", row: "md6", params: {} })).toBeUndefined();
  expect(pinnedWork({ suite: "hashes", row: "md5", params: { blocks: "12345" } })).toBeUndefined();
  expect(pinnedWork({ suite: "memory", row: "triad", params: { mib: "x", rounds: "3" } })).toBeUndefined();
  expect(pinnedWork({ suite: "memory", row: "triad", params: { mib: "64", rounds: "3" } })?.digest).toBe("166128");
});
