import { expect, test } from "vitest";
import {
  formatInterval,
  formatSignificant,
  formatSpeedup,
  formatTime,
  unitFor,
} from "../../../src/report/text/numbers.ts";

test.each([
  [2.7864, "2.79"],
  [0.98123, "0.981"],
  [0.9996, "1.00"],
  [12.345, "12.3"],
  [99.96, "100"],
  [1234, "1234"],
  [0.05212, "0.0521"],
])("%d is written %s", (value, text) => {
  expect(formatSignificant(value)).toBe(text);
});

test.each([
  [[0.82, 0.81], "0.820 s"],
  [[0.0521, 0.0523], "52.1 ms"],
  [[0.0000521], "52.1 us"],
  [[849, 597], "14:09"],
  [[7390, 6000], "2:03:10"],
  [[99.94], "99.9 s"],
  [[99.96], "1:40"],
])("the first of %j is written %s", (times_s, text) => {
  expect(formatTime(times_s[0] as number, unitFor(times_s))).toBe(text);
});

test("an interval is written with ± only where it is symmetric to the digits shown", () => {
  expect(formatInterval(2.79, 2.779, 2.801)).toBe("±0.4 %");
  expect(formatInterval(1.68, 1.01, 2.79)).toBe("(1.01-2.79)");
});

test("a speedup without an interval stands alone", () => {
  expect(formatSpeedup(1.05, null, null)).toBe("1.05x");
});
