// What a capture adds to each real time is no difference between sides.

import { expect, test } from "vitest";
import { series } from "../../support/records.ts";
import { onlyRow } from "../../support/small-table.ts";

const times_s = [0.0102, 0.0098, 0.01, 0.0101, 0.0099, 0.0103, 0.0097, 0.01];
const later = (by_s: number): number[] => times_s.map((time_s) => time_s + by_s);
const other = { side: "b", machine: "b-1" };

test("where the sides' captures add different times, that alone is not called a difference", async () => {
  const plain = await onlyRow([...series(times_s), ...series(later(0.002), other)]);
  expect(plain.speedups["b"]?.real.verdict).toBe("slower");
  const told = await onlyRow([...series(times_s), ...series(later(0.002), { ...other, capture_fixed_s: 0.002 })]);
  expect(told.speedups["b"]?.real.verdict).toBe("none");
  // What is more than that is still seen, and CPU times are the step's own.
  const more = await onlyRow([...series(times_s), ...series(later(0.006), { ...other, capture_fixed_s: 0.002 })]);
  expect(more.speedups["b"]?.real.verdict).toBe("slower");
  expect(told.speedups["b"]?.cpu).toEqual(plain.speedups["b"]?.cpu);
});

test("where both add the same, the interval is as it would be without", async () => {
  const both = { capture_fixed_s: 0.002 };
  const told = await onlyRow([...series(times_s, both), ...series(later(0.001), { ...other, ...both })]);
  const plain = await onlyRow([...series(times_s), ...series(later(0.001), other)]);
  expect(told.speedups["b"]?.real).toEqual(plain.speedups["b"]?.real);
});
