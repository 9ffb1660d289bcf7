// Letters of groups, by the one rule that they must keep: a common letter if, and only if, there is no difference.

import { describe, expect, test } from "vitest";
import { compactLetters } from "../../../src/analysis/ranking/compact-letters.ts";
import { seeded } from "../../support/noise-samples.ts";

const written = (count: number, pairs: readonly string[]): string[] => {
  const apart = new Set(pairs);
  return compactLetters(count, (a, b) => apart.has([a, b].toSorted((x, y) => x - y).join(""))).map((letters) =>
    letters.join(""),
  );
};

test("members that all differ have a letter each", () => {
  expect(written(3, ["01", "02", "12"])).toEqual(["a", "b", "c"]);
});

test("members that do not differ share one letter", () => {
  expect(written(4, [])).toEqual(["a", "a", "a", "a"]);
});

test("a member between two groups bears both letters", () => {
  expect(written(3, ["02"])).toEqual(["a", "ab", "b"]);
});

test("a noisy member in the middle is like both of two that differ, and the rest keep their own letters", () => {
  // 0 and 1 differ from 3 and 4, 2 from none.
  expect(written(5, ["03", "04", "13", "14"])).toEqual(["a", "a", "ab", "b", "b"]);
});

test("one member has one letter, none have none", () => {
  expect(written(1, [])).toEqual(["a"]);
  expect(written(0, [])).toEqual([]);
});

test("after z come capitals, and then letters with a number, so that no two groups have one name", () => {
  const letters = compactLetters(60, (a, b) => a !== b).map(([only]) => only);
  expect([letters[25], letters[26], letters[51], letters[52], letters[59]]).toEqual(["z", "A", "Z", "a2", "h2"]);
  expect(new Set(letters).size).toBe(60);
});

describe("of 300 relations drawn at random", () => {
  const draw = seeded(19);
  const relations = Array.from({ length: 300 }, () => {
    const [count, chance] = [2 + Math.floor(draw() * 9), draw()];
    const apart = new Set<string>();
    for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++) if (draw() < chance) apart.add(`${a} ${b}`);
    const differ = (a: number, b: number): boolean => apart.has(`${Math.min(a, b)} ${Math.max(a, b)}`);
    return { count, differ, letters: compactLetters(count, differ) };
  });

  test("two members share a letter if, and only if, they do not differ", () => {
    for (const { count, differ, letters } of relations)
      for (let a = 0; a < count; a++)
        for (let b = 0; b < count; b++)
          expect(letters[a]?.some((letter) => letters[b]?.includes(letter))).toBe(a === b || !differ(a, b));
  });

  test("no letter can be left out", () => {
    for (const { count, differ, letters } of relations)
      for (const left of new Set(letters.flat())) {
        const without = letters.map((own) => own.filter((letter) => letter !== left));
        const isKept = without.every(
          (own, a) =>
            own.length > 0 &&
            Array.from({ length: count }, (_, b) => b).every(
              (b) => a === b || differ(a, b) || own.some((letter) => without[b]?.includes(letter)),
            ),
        );
        expect(isKept).toBe(false);
      }
  });
});
