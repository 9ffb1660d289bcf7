import { expect, test } from "vitest";
import { keptOf } from "../../../src/analysis/comparison/kept-runs.ts";
import { ReadOnce } from "../../../src/analysis/trials/read-once.ts";

test("parts of one list are read with all of it, once, and each has its own numbers", () => {
  const reads: number[][] = [];
  const column = new ReadOnce((places) => {
    reads.push([...places]);
    return Float64Array.from(places, (place) => place * 10);
  });
  const all = Uint32Array.of(4, 1, 3, 0, 2);
  expect(column.of(all.subarray(2, 4))).toEqual(Float64Array.of(30, 0));
  expect(column.of(all.subarray(0, 2))).toEqual(Float64Array.of(40, 10));
  expect(column.of(all.subarray(5))).toEqual(new Float64Array());
  expect(column.of(Uint32Array.of(7))).toEqual(Float64Array.of(70));
  expect(reads).toEqual([[4, 1, 3, 0, 2], [7]]);
});

test("a machine's kept runs keep their rounds, and the times that are given are not changed", () => {
  const times_s = Float64Array.of(3, Number.NaN, 1, 2);
  const { machine, of } = keptOf({ machine: "m", rounds: [2, 3, 4, 6], times_s });
  expect(of).toBe(4);
  expect(machine).toMatchObject({ rounds: [2, 4, 6], median_s: 2 });
  expect([...(machine?.times_s ?? [])]).toEqual([3, 1, 2]);
  expect(times_s).toEqual(Float64Array.of(3, Number.NaN, 1, 2));
  const whole = Float64Array.of(3, 1, 2);
  expect(keptOf({ machine: "m", rounds: [1, 2, 3], times_s: whole }).machine?.median_s).toBe(2);
  expect(whole).toEqual(Float64Array.of(3, 1, 2));
});
