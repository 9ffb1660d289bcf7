// Between everything that is not ours and a terminal stands one function: forgetting it is an error of the compiler, and
// going around it one of this test.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jsonText, printable, printableLines, safeFileName } from "../src/domain/printable.ts";

const source = join(import.meta.dirname, "../src");

/** The sandbox is a process of its own, whose output is a log; one of its files is a script for another process. */
const elsewhere = ["sandbox/main.ts", "sandbox/network/namespace-address.ts"];

/** Lines of the sources that `pattern` matches, comments left out, as `file: line`. */
function linesWith(pattern: RegExp): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !elsewhere.includes(file))
    .flatMap((file) =>
      readFileSync(join(source, file), "utf8")
        .split("\n")
        .filter((line) => pattern.test(line) && !/^\s*(\/\/|\*|\/\*\*)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
}

describe("a terminal", () => {
  test("is written to in one place, and where its own output fails", () => {
    const writers = linesWith(/\b(stdout|stderr)\s*\.\s*write\(|\bconsole\.(log|error|warn|info|debug)\(/);
    expect(new Set(writers.map((line) => line.split(": ")[0]))).toEqual(
      new Set(["cli/output/terminal.ts", "cli/output/closed-pipe.ts"]),
    );
    expect(writers).toHaveLength(3);
  });

  test("is given printable text, which one file alone can make", () => {
    const casts = linesWith(/\bas (unknown as )?Printable\b/);
    expect(new Set(casts.map((line) => line.split(": ")[0]))).toEqual(new Set(["domain/printable.ts"]));
    expect(linesWith(/(write|print|say)\(.*\bas (never|any)\b/)).toEqual([]);
  });
});

const obeyed: readonly (readonly [string, string])[] = [
  ["escape", "\u001b"],
  ["bell", "\u0007"],
  ["delete", "\u007f"],
  ["a C1 control", "\u009b"],
  ["Arabic letter mark", "\u061c"],
  ["zero width space", "\u200b"],
  ["right-to-left override", "\u202e"],
  ["left-to-right isolate", "\u2066"],
  ["byte order mark", "\ufeff"],
  ["line separator", "\u2028"],
  ["paragraph separator", "\u2029"],
  ["a tag character", "\u{e0041}"],
  ["half of a surrogate pair", "\ud800"],
];

describe.each(obeyed)("%s", (_, character) => {
  const text = `a${character}b`;

  test("does not come to a terminal", () => {
    expect(printable(text)).toBe("a?b");
    expect(printableLines(`${text}\r\n\t${text}\n`)).toBe("a?b\r\n\ta?b\n");
  });

  test("is a word of JSON that is printable, and comes back whole", () => {
    for (const indent of [undefined, 2]) {
      const json = jsonText({ [text]: [text, "\n"] }, indent);
      expect(printableLines(json)).toBe(json);
      expect(JSON.parse(json)).toEqual({ [text]: [text, "\n"] });
    }
  });

  test("is no part of a file's name", () => {
    expect(safeFileName(text)).toMatch(/^a_+b$/);
  });
});

test("text in any script stays as it is", () => {
  const text = "naïve café 東京 עברית العربية 😀 ±0.4 % ½";
  expect(printable(text)).toBe(text);
  expect(jsonText(text)).toBe(JSON.stringify(text));
});

test("a lone carriage return, with which a line hides the one before it, does not come to a terminal", () => {
  expect(printableLines("ok\rFAIL\n")).toBe("ok?FAIL\n");
});

test.each([".", "..", "../../outside", "a/b", "", "\0"])("the file name made of %j stays in its folder", (text) => {
  expect(safeFileName(text)).toMatch(/^(?!\.{1,2}$)[A-Za-z0-9._+-]+$/);
});

test("of all characters, those of control, format and separators, and halves of pairs, do not come to a terminal", () => {
  const all = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
  const obeys = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  const kept = all.filter((character) => printableLines(character) === character);
  expect(kept).toEqual(all.filter((character) => !obeys.test(character) || ["\n", "\t"].includes(character)));
});
