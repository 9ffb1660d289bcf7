import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readManifest } from "../../../src/adapters/folders/suites.ts";
import { accepts, expectedValues } from "../../../src/domain/plan/suite-parameters.ts";

test.each([
  [{ words: ["auto", "c"] }, ["auto", "c"], ["", "cc", "auto "], "auto or c"],
  [{ least: 1, most: 64 }, ["1", "64"], ["0", "65", "1.5", "01", "-1", "1e1", ""], "a whole number from 1 to 64"],
  [{ multiple_of: 10_000, least: 10_000 }, ["10000", "70000"], ["0", "15000"], "a multiple of 10000 of at least 10000"],
  [{ words: ["ncpu"], least: 1 }, ["ncpu", "8"], ["all"], "ncpu or a whole number of at least 1"],
  [{ pattern: "[0-9]+|x", expected: "a release" }, ["13", "x"], ["x1", "1x", "1\n"], "a release"],
  [{ words: [""], pattern: "a" }, ["", "a"], ["b"], "nothing or a text like a"],
] as const)("%j takes what it says, and nothing else", (accepted, good, bad, words) => {
  for (const value of good) expect([value, accepts(accepted as never, value)]).toEqual([value, true]);
  for (const value of bad) expect([value, accepts(accepted as never, value)]).toEqual([value, false]);
  expect(expectedValues(accepted as never)).toBe(words);
});

test("every suite takes its own defaults, and its values of auto", () => {
  for (const name of readdirSync("suites")) {
    let text: string;
    try {
      text = readFileSync(`suites/${name}/suite.toml`, "utf8");
    } catch {
      continue; // lib/ and the steps of own commands are no suites
    }
    const { params, auto, accepts: accepted } = readManifest(text, name);
    for (const [key, rule] of Object.entries(accepted))
      for (const value of [params[key] as string, ...(auto[key] ?? [])])
        expect([name, key, value, accepts(rule, value)]).toEqual([name, key, value, true]);
  }
});
