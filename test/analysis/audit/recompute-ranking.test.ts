// The second count of a ranking, of one in which somebody changed something.

import { describe, expect, test } from "vitest";
import { recomputeRanking } from "../../../src/analysis/audit/recompute-ranking.ts";
import { rowRuns } from "../../../src/analysis/comparison/row-runs.ts";
import type { Ranking } from "../../../src/analysis/ranking/ranking.ts";
import { comparedSides, rankingOf, recordsOfSides, type SideTimes } from "../../support/ranked-sides.ts";

const machines = (time_s: number, count: number): number[][] =>
  Array.from({ length: count }, (_, m) =>
    Array.from({ length: 9 }, (_, i) => time_s * (1 + m / 1000) * (1 + ((i * 5) % 9) / 4000)),
  );

const timesOf = (count: number): SideTimes => ({
  r: { a: machines(2, count), b: machines(1, count), c: machines(4, count), d: machines(1.0004, count) },
  q: { a: machines(3, count), b: machines(2, count), c: machines(5, count), d: machines(2.0004, count) },
});

const made = async (count: number) => {
  const times = timesOf(count);
  const comparison = await comparedSides(times);
  const rows = Object.keys(times).map((row) => ({ suite: "s", row, impl: "i" }));
  const runs = rowRuns(recordsOfSides(times), { sides: comparison.sides, rows, warmup: () => 0 });
  return { comparison, runs };
};

test.each([
  ["three machines a side", 3],
  ["one machine a side", 1],
])("finds nothing in rankings of %s as they were made", async (_, count) => {
  const { comparison, runs } = await made(count);
  for (const by of ["real", "cpu"] as const) {
    const ranking = await rankingOf(comparison, { by });
    expect(new Set(ranking.sides.flatMap(({ groups }) => groups)).size).toBe(3);
    expect(await recomputeRanking(comparison, runs, ranking)).toEqual([]);
  }
});

describe("names", () => {
  test.each<[string, (ranking: any) => unknown, string[]]>([
    [
      "two ranks that were swapped",
      ({ sides }) => ([sides[2].rank, sides[3].rank] = [4, 3]),
      ["ranking: a: expected rank 3, found 4", "ranking: c: expected rank 4, found 3"],
    ],
    [
      "a letter too many",
      ({ sides }) => sides[3].groups.push(sides[2].groups[0]),
      ["ranking: a and c: expected no letter in common"],
    ],
    [
      "a letter taken away",
      ({ sides }) => (sides[0].groups = ["z"]),
      ["ranking: b and d: expected a letter in common"],
    ],
  ])("%s", async (_, change, said) => {
    const { comparison, runs } = await made(3);
    const ranking: Ranking = structuredClone(await rankingOf(comparison));
    change(ranking);
    expect(await recomputeRanking(comparison, runs, ranking)).toEqual(said);
  });

  test("a speedup and an interval", async () => {
    const { comparison, runs } = await made(3);
    const ranking: any = structuredClone(await rankingOf(comparison));
    ranking.sides[0].speedup.value *= 1.01;
    ranking.sides[3].speedup.lo = 0.9;
    const said = (await recomputeRanking(comparison, runs, ranking)).join("\n");
    expect(said).toMatch(/^ranking: b: expected a speedup of 1\.7\d+, found 1\.7\d+$/m);
    expect(said).toMatch(/^ranking: c: expected 0\.9 to 0\.\d+ to hold 0\.\d+$/m);
  });
});
