import { expect, test } from "vitest";
import { applyFilters } from "../../../src/sandbox/protocol/filters.ts";

const shown = (names: readonly string[], pattern: string): string[] =>
  applyFilters(names, [{ Name: "name", Values: [pattern] }], { name: (each) => [each] });

test.each([
  ["al2023-*", ["al2023-ami", "al2023-"], ["al2022-ami", "xal2023-ami"]],
  ["?.medium", ["1.medium"], [".medium", "s1.medium"]],
  ["*", ["", "anything"], []],
  ["*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a"]],
  ["a\\*", ["a*"], ["ab", "a\\*"]],
  ["\\\\", ["\\"], ["\\\\"]],
  [".+(", [".+("], ["x"]],
  ["?", ["\u{1F600}"], ["ab"]],
])("the filter %j shows what it names and nothing else", (pattern, fit, other) => {
  expect(shown([...fit, ...other], pattern)).toEqual(fit);
});

test("a filter of many wildcards on a long text is looked through in steps that can be counted", () => {
  // A backtracking matcher would need 2^50 of them.
  expect(shown(["a".repeat(10_000)], `${"*a".repeat(50)}*b`)).toEqual([]);
});
