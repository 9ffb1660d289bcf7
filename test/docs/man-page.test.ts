// The manual: what mandoc says of it, and that nothing of the commands is missing.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { commandTable } from "../../src/cli/command-table.ts";
import { which } from "../support/suite-steps.ts";

const root = join(import.meta.dirname, "../..");
const path = join(root, "man/timetrial.1");
const why = which("mandoc") === undefined ? " [needs mandoc]" : "";

test.skipIf(why !== "")(`mandoc finds no fault in it${why}`, () => {
  const lint = (input: string) => spawnSync("mandoc", ["-T", "lint", "-W", "warning"], { encoding: "utf8", input });
  const page = readFileSync(path, "utf8");
  expect(lint(page)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(lint(`${page}.El\n`).status).not.toBe(0);
});

test.skipIf(why !== "")(`every command and every option stands in it as it is typed${why}`, async () => {
  const { stdout } = spawnSync("mandoc", ["-T", "ascii", path], { encoding: "utf8" });
  // Bold and underlined characters are overstruck: what stands before a backspace is one.
  const pieces = stdout.split("\b");
  const plain = pieces.map((piece, i) => (i < pieces.length - 1 ? piece.slice(0, -1) : piece)).join("");
  const words = new Set(plain.split(/[\s,]+/));
  for (const [name, , declared] of commandTable) {
    const command = new Command(name);
    await (
      await declared()
    )(command, undefined);
    const flags = command.options
      .flatMap(({ long, short }) => [long, short])
      .filter((flag) => typeof flag === "string");
    expect(
      [name, ...flags].filter((word) => !words.has(word)),
      name,
    ).toEqual([]);
  }
});

test("npm installs it", () => {
  const { man, files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    man: string;
    files: string[];
  };
  expect(man).toBe("man/timetrial.1");
  expect(files).toContain("man");
});
