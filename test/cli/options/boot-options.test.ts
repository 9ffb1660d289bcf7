// The user-data that `boot --user-data` names.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readUserData } from "../../../src/cli/options/boot-options.ts";

const folder = mkdtempSync(join(tmpdir(), "tt-user-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[what: string, make: (path: string) => void, refusal: string]>([
  [
    "a FIFO, which is not waited for",
    (path) => execFileSync("mkfifo", [path]),
    "expected a plain file, found something else",
  ],
  [
    "a file of one byte more than EC2 takes",
    (path) => writeFileSync(path, "#".repeat(16_385)),
    "expected at most 16384 bytes, found 16385",
  ],
  ["an empty file", (path) => writeFileSync(path, ""), "expected 1 to 16384 bytes, found 0"],
  ["no file", () => undefined, "cannot be read (ENOENT)"],
])("user-data that is %s is refused", async (what, make, refusal) => {
  const path = join(folder, what);
  make(path);
  await expect(readUserData(path)).rejects.toMatchObject({
    code: "USAGE",
    message: `--user-data ${JSON.stringify(path)}: ${refusal}`,
  });
});

test("user-data of as many bytes as EC2 takes is read as it is", async () => {
  const path = join(folder, "fits");
  writeFileSync(path, `#!/bin/sh\n${"#".repeat(16_374)}`);
  expect(await readUserData(path)).toHaveLength(16_384);
});
