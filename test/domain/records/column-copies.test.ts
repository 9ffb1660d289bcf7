// Columns as one array: what loops over all records read.

import { expect, test } from "vitest";
import { NumberColumn, WordColumn } from "../../../src/domain/records/columns.ts";

/** More than a column holds in one piece, and the place of the last value that differs. */
const [length, last] = [150_000, 140_000];

test("numbers of a column are those of its records: pieces, what was set last, and what is absent", () => {
  const column = new NumberColumn();
  expect([...column.upTo(2)]).toEqual([Number.NaN, Number.NaN]);
  for (let i = 0; i <= last; i += 7) column.set(i, i % 3 === 0 ? Number.NaN : i);
  const numbers = column.upTo(length);
  expect(numbers).toHaveLength(length);
  expect(numbers).toEqual(Float64Array.from({ length }, (_, i) => column.at(i)));
  expect([numbers[6], numbers[7], numbers[65_535], numbers[65_540], numbers[length - 1]]).toEqual([
    Number.NaN,
    7,
    65_534,
    65_534,
    last,
  ]);
});

test("ids of a column are those of its records", () => {
  const column = new WordColumn();
  expect([...column.idsUpTo(2)]).toEqual([0, 0]);
  for (let i = 0; i <= last; i += 7) column.set(i, column.idOfWord(`w${i % 5}`));
  const ids = column.idsUpTo(length);
  expect(ids).toEqual(Uint32Array.from({ length }, (_, i) => column.id(i)));
  expect([0, 7, 65_535, length - 1].map((i) => column.values[ids[i] as number])).toEqual(["w0", "w2", "w4", "w0"]);
});
