// The check of suites/hashes: no digest is taken for granted, and nothing is claimed where one is wrong.

import { afterAll, describe, expect, test } from "vitest";
import { articleDigests, digests, newMachine } from "../support/hashes-suite.ts";
import { type Env, removeFolders } from "../support/suite-steps.ts";

afterAll(removeFolders);

describe("the check", () => {
  const good = `Digest = ${digests.sha256}\n`;
  const env = { TT_ROW: "sha256", TT_IMPL: "openssl-evp", TT_DRIVER: "c", TT_PARAM_blocks: "20000" };
  const bad: Env = {
    "a wrong digest": good + good.replace("7e", "7f"),
    "another algorithm's digest": good + `Digest = ${digests.md5}\n`,
    "the digest of 100000 blocks": good + `Digest = ${articleDigests.sha256}\n`,
    "an output without its last byte": (good + good).slice(0, -1),
    "a truncated digest": (good + good).slice(0, -3),
    "a missing context": good,
    "an extra context": good + good + good,
    "no output": "",
    "another line": `${good}Time = 0.1 seconds\n${good}`,
    "a blank line": `${good}\n${good}`,
    "a digest in capitals": good + `Digest = ${digests.sha256.toUpperCase()}\n`,
  };

  test("passes two right contexts", async () => {
    expect(await newMachine().check(good + good, env)).toMatchObject({ status: 0, err: "" });
  });
  for (const [what, out] of Object.entries(bad)) {
    test(`fails on ${what}, and claims nothing`, async () => {
      const said = await newMachine().check(out, env);
      expect({ ...said, err: said.err.startsWith("hashes: sha256 (openssl-evp): ") }).toEqual({
        status: 1,
        out: "",
        err: true,
      });
    });
  }
});
