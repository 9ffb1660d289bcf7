import { describe, expect, test } from "vitest";
import { falseAlarmLines } from "../../../src/analysis/notes/false-alarms.ts";
import { aaSides, isAaTest } from "../../../src/domain/plan/aa-sides.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import { a, analysed, planned } from "../../support/small-table.ts";
import { series } from "../../support/records.ts";

describe("one side against itself", () => {
  test("has its name twice, with numbers", () => {
    const sides = aaSides(["c7g.large", "c7g.large"]);
    expect(sides).toEqual([
      { name: "c7g.large#1", kind: "ec2", type: "c7g.large", image: "al2023" },
      { name: "c7g.large#2", kind: "ec2", type: "c7g.large", image: "al2023" },
    ]);
    expect(aaSides(["c7g.large"])).toEqual(sides);
    expect(isAaTest(sides)).toBe(true);
  });

  test("is not what somebody gave two labels, since he may have changed something between", () => {
    expect(isAaTest(parseSides(["a=c7g.large", "b=c7g.large"]))).toBe(false);
    expect(isAaTest(parseSides(["c6g.large", "c7g.large"]))).toBe(false);
    expect(isAaTest(parseSides(["c7g.large"]))).toBe(false);
  });

  test.each([[["c6g.large", "c7g.large"]], [["c7g.large", "c7g.large@debian/12"]], [["ssh:a", "ssh:a"]], [[]]])(
    "is refused of %j",
    (texts) => {
      expect(() => aaSides(texts)).toThrow(/^--aa: expected/);
    },
  );
});

test("how often a difference is called is said, beside what chance does", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ ...planned, row: `r${i}` }));
  // Every row the same on both sides, but for one that is twice as fast.
  const records = rows.flatMap(({ row }, i) => [
    ...series(
      a.map((record) => ("real_s" in record ? record.real_s : null)),
      { row },
    ),
    ...series(
      a.map((record) => ("real_s" in record ? record.real_s / (i === 7 ? 2 : 1) : null)),
      { row, side: "b", machine: "b-1" },
    ),
  ]);
  expect(falseAlarmLines(await analysed(records, { rows }))).toEqual(
    ["real", "cpu"].flatMap((metric) => [
      `A/A, ${metric}: 1 of 20 95 % intervals exclude 1 (5 %); 5 %, or 1, are expected`,
      `A/A, ${metric}: 1 of 20 are called a difference (5 %), after allowing for their number`,
    ]),
  );
});
