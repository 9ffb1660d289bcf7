// The steps that become the user's command, under each shell that there is.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createCommandSuite } from "../../src/pipeline/plan/command-suite.ts";
import { commandSteps } from "../../src/adapters/folders/upload.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "suites", "command");
const awkward = ["$(id)", "a\n\nb\n", "", "-n", "'\"\\", "{{ssm:x}}", "größer ☃", " x "];

function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

describe.each([["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["sh"]])("%s %s", (program, ...options) => {
  const missing = !isThere(program);
  test.skipIf(missing)(`becomes the command, its words verbatim${missing ? " [needs tool]" : ""}`, async () => {
    const suite = createCommandSuite(
      { shell: "none", commands: [{ title: "x", words: ["printf", "<%s>", ...awkward] }], timeout_s: 1 },
      await commandSteps(),
      undefined,
    );
    const shipped = mkdtempSync(join(tmpdir(), "tt-"));
    for (const { path, bytes } of suite.files) writeFileSync(join(shipped, path), bytes);
    const ended = spawnSync(program, [...options, join(shipped, "run.sh")], {
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TT_SUITE_DIR: shipped, TT_ROW: "cmd-1" },
      encoding: "utf8",
    });
    rmSync(shipped, { recursive: true });
    expect(ended).toMatchObject({ status: 0, stderr: "", stdout: awkward.map((word) => `<${word}>`).join("") });
  });
});

test.skipIf(!isThere("shellcheck"))("shellcheck has nothing to say of them [needs shellcheck]", () => {
  const scripts = readdirSync(folder).map((name) => join(folder, name));
  expect(spawnSync("shellcheck", ["-s", "sh", ...scripts]).stdout.toString()).toBe("");
});
