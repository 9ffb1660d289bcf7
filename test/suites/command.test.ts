// The steps of the user's own commands. What becomes of the words: test/remote/own-commands.test.ts.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "suites", "command");
function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

test.skipIf(!isThere("shellcheck"))("shellcheck has nothing to say of them [needs shellcheck]", () => {
  const scripts = readdirSync(folder).map((name) => join(folder, name));
  expect(spawnSync("shellcheck", ["-s", "sh", ...scripts]).stdout.toString()).toBe("");
});
