import { describe, expect, test } from "vitest";
import { displayTitle, shellQuoted } from "../../../src/domain/plan/user-command.ts";
import { splitShellWords } from "../../../src/domain/plan/shell-words.ts";

describe("a command written as one text", () => {
  test.each<[string, string[]]>([
    ["make -j8", ["make", "-j8"]],
    ["  a\t b\nc ", ["a", "b", "c"]],
    [`a 'b  $(c)' "d \\"e\\" f"`, ["a", "b  $(c)", 'd "e" f']],
    [`a'b'"c"\\ d`, ["abc d"]],
    ["a '' b", ["a", "", "b"]],
    ["a\u00a0b {{ssm:x}} *.c", ["a\u00a0b", "{{ssm:x}}", "*.c"]],
    ["", []],
  ])("%j is the words %j", (text, words) => {
    expect(splitShellWords(text, "--command")).toEqual(words);
  });

  test.each([
    "a | b",
    "a; b",
    "a & b",
    "a > b",
    "(a)",
    "echo $HOME",
    'echo "$HOME"',
    "echo `id`",
    "a 'b",
    'a "b',
    "a \\",
  ])("%j is refused, since only a shell could run it", (text) => {
    expect(() => splitShellWords(text, "--command")).toThrow(/^--command: /);
  });

  test("is what its words are written as again", () => {
    const words = ["a", "b c", "it's", "", "$(x)\n"];
    expect(splitShellWords(shellQuoted(words), "--command")).toEqual(words);
  });
});

test("a title is shown on one line of at most 40 characters, without what a terminal obeys", () => {
  expect(displayTitle("a\n  b\u001b[31m")).toBe("a b?[31m");
  expect(Array.from(displayTitle("☃".repeat(60)))).toHaveLength(40);
});
