// What stands before the program, and what it says where it did not foresee something.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const program = join(root, "bin/timetrial.cjs");
const folder = mkdtempSync(join(tmpdir(), "timetrial-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program in a Node that says that it is `version`, in which `before` has run. */
function start(version: string, words: readonly string[], before = "") {
  const preload = join(folder, "preload.cjs");
  writeFileSync(
    preload,
    `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });\n${before}`,
  );
  const env = { ...process.env, TMPDIR: folder };
  return spawnSync(process.execPath, ["-r", preload, program, ...words], { encoding: "utf8", env });
}

describe("an old Node", () => {
  test.each(["0.12.18", "6.17.1", "18.20.8", "20.18.3"])(
    "%s is told which is needed, and starts nothing",
    (version) => {
      const { status, stdout, stderr } = start(version, ["--version"]);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toBe(`timetrial: needs Node 20.19 or later, this is Node ${version}\n`);
    },
  );

  test.each(["20.19.0", "22.0.0", "100.1.0"])("%s is new enough", (version) => {
    expect(start(version, ["--version"])).toMatchObject({ status: 0, stderr: "" });
  });

  test("parses the first file: there is no word in it that is younger than ES5", () => {
    const text = readFileSync(program, "utf8");
    expect(text).not.toMatch(/\b(const|let|class|async|await|import)\b(?! says)|=>|`/);
    // The compiler refuses what it cannot say in ES5, and changes nothing that is.
    const { code, warnings } = transformSync(text, { target: "es5", minifyWhitespace: true });
    expect([warnings, code]).toEqual([[], transformSync(text, { target: "esnext", minifyWhitespace: true }).code]);
  });
});

test("an error that nobody foresaw is one line, with the file that has its stack", () => {
  // Thrown once the program is there to hear it, and from nowhere that it could catch.
  const before = `process.on("newListener", (name) => {
    if (name === "uncaughtException") setImmediate(() => { throw new TypeError("x is not \\u001b[31ma thing\\nmore"); });
  });`;
  const { status, stderr } = start(process.versions.node, ["list", "suites"], before);
  expect(status).toBe(5);
  const [first, second = "", third, ...rest] = stderr.split("\n");
  expect(first).toBe("timetrial: an error in the program itself: TypeError: x is not ?[31ma thing");
  expect(third).toBe("  what was launched ends at its deadline; timetrial sweep lists it");
  expect(rest).toEqual([""]);
  const [, file = ""] = /^ {2}its stack is in (.*): please report it with that file$/.exec(second) ?? [];
  expect(readFileSync(file, "utf8")).toMatch(/^timetrial \d.*, Node v\d.*\nTypeError: x is not [^]*\n {4}at /);
});
