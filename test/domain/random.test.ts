import { expect, test } from "vitest";
import { random, shuffled } from "../../src/domain/random.ts";

test("one seed gives one order, another seed another", () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  expect(shuffled(items, random("a"))).toEqual(shuffled(items, random("a")));
  expect(shuffled(items, random("a"))).not.toEqual(shuffled(items, random("b")));
});

test("every item comes first about equally often", () => {
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) {
    const first = shuffled([0, 1, 2, 3], random(`seed ${seed}`))[0] as number;
    counts[first] = (counts[first] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
