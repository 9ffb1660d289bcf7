// TOML that a user wrote: where each value stands, and what an error says of it.

import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { checkToml, lineOfKeys } from "../../../src/adapters/folders/toml.ts";

const text = `# of sides and rounds
sides = [
  "a=local",
  "b=local", # the word rounds in a comment
]
"rounds" = 3
note = """
rounds = 4
"""

[set]
blocks = 5
deep = { level = 6 }

[[rows]]
name = "one"

[[ rows ]]
name = "two"
runs = 7
params.size = 8
`;

describe("the line of a value", () => {
  test.each([
    [["sides"], 2],
    [["sides", 0], 3],
    [["sides", 1], 4],
    [["rounds"], 6],
    [["note"], 7],
    [["set"], 11],
    [["set", "blocks"], 12],
    [["set", "deep", "level"], 13],
    [["rows", 0, "name"], 16],
    [["rows", 1], 18],
    [["rows", 1, "name"], 19],
    [["rows", 1, "runs"], 20],
    [["rows", 1, "params", "size"], 21],
  ])("%j is %i", (keys, line) => {
    expect(lineOfKeys(text, keys)).toBe(line);
  });

  test("that is not written is the line of what would hold it", () => {
    expect(lineOfKeys(text, ["rows", 1, "impl"])).toBe(18);
    expect(lineOfKeys(text, ["colour"])).toBe(1);
  });

  test("of two equal elements is its own", () => {
    expect(lineOfKeys('sides = [\n  "local",\n  "local",\n]\n', ["sides", 1])).toBe(3);
  });
});

describe("content that does not fit", () => {
  const schema = v.strictObject({
    rounds: v.optional(v.number("expected a number")),
    needs: v.optional(v.strictObject({ commands: v.array(v.string("expected a text")) })),
  });
  const faults = (toml: string) => {
    const checked = checkToml(schema, { text: toml, file: "a.toml", code: "USAGE" });
    return "faults" in checked ? checked.faults.map(({ message, hint }) => [message, hint]) : [];
  };

  test("has an error for each value, with the line, and what to do", () => {
    expect(faults('rounds = "3"\n\n[needs]\ncommads = 1\n')).toEqual([
      ['a.toml:1: rounds: expected a number, got "3"', "write it without quotes"],
      ["a.toml:3: needs.commands: expected a value, got none", undefined],
      ["a.toml:4: needs.commads: unknown key", "did you mean commands?"],
    ]);
    expect(faults("[needs]\ncommands = [\n'a',\n3,\n]")).toEqual([
      ["a.toml:4: needs.commands[1]: expected a text, got 3", undefined],
    ]);
  });

  test("and what is no TOML has its line and column", () => {
    expect(faults("rounds = 3\nrounds = 4\n")[0]?.[0]).toMatch(/^a\.toml:2:\d+: expected TOML: /);
  });
});
