import { expect, test } from "vitest";
import { seededRandom, shuffled } from "../../src/domain/random.ts";

test("one seed gives one order, another seed another", () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  expect(shuffled(items, seededRandom("a"))).toEqual(shuffled(items, seededRandom("a")));
  expect(shuffled(items, seededRandom("a"))).not.toEqual(shuffled(items, seededRandom("b")));
});

test("every item comes first about equally often", () => {
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) {
    const first = shuffled([0, 1, 2, 3], seededRandom(`seed ${seed}`))[0] as number;
    counts[first] = (counts[first] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
