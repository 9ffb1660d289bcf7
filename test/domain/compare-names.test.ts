// Names are ordered as the collator of English orders them, by the value of their numbers.

import { expect, test } from "vitest";
import { compareNames } from "../../src/domain/compare-names.ts";
import { seededRandom } from "../../src/domain/random.ts";

test("numbers in names are compared by their value, wherever they stand", () => {
  const names = ["m7i.large-2", "c7g.large-10", "c7g.large-2", "c6g.xlarge-1", "c10g.large-1", "c7g.large"];
  const sorted = ["c6g.xlarge-1", "c7g.large", "c7g.large-2", "c7g.large-10", "c10g.large-1", "m7i.large-2"];
  expect(names.toSorted(compareNames)).toEqual(sorted);
});

test("any two names are in the collator's order", () => {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const random = seededRandom("names");
  const parts = [
    "a",
    "B",
    "-",
    ".",
    " ",
    "0",
    "1",
    "9",
    "10",
    "007",
    "123456789012345678",
    "é",
    "e\u0301",
    "٣",
    "_",
    "٠",
  ];
  const name = (): string =>
    Array.from({ length: Math.floor(random() * 5) }, () => parts[Math.floor(random() * parts.length)]).join("");
  for (let k = 0; k < 100_000; k++) {
    const [start, a, b] = [name(), name(), name()];
    const [x, y] = [start + a, start + b];
    if (Math.sign(compareNames(x, y)) !== Math.sign(compare(x, y))) expect.fail(`${x} and ${y}`);
  }
});
