// How the end of a run's rounds is told.

import { describe, expect, test } from "vitest";
import { type StopReason, describeStop, type StoppingRule } from "../../../src/domain/plan/stopping-rule.ts";

const rows: StoppingRule = { percent: 1, of: "rows" };
const missed = [
  { what: "md5", side: "c7g", metric: "real", half: 0.0143 },
  { what: "md5", side: "c7g", metric: "cpu", half: 0.012 },
  { what: "sha1", side: "c7g", metric: "real" },
] as const;
const stopped = (change: Partial<StopReason>): StopReason => ({
  suite: "hashes",
  round: 14,
  why: "width",
  missed: [],
  ...change,
});

describe("the end of the rounds", () => {
  test.each<[string, StopReason, StoppingRule, string]>([
    ["by width", stopped({}), rows, "stopped after 14 rounds: every interval is within ±1 %"],
    [
      "by the width of a mean, in one metric",
      stopped({}),
      { percent: 0.5, of: "geomean", metric: "cpu" },
      "stopped after 14 rounds: the geomean's interval of cpu is within ±0.5 %",
    ],
    [
      "by the cap, with the rows that missed and by how much",
      stopped({ why: "cap", missed: [...missed] }),
      rows,
      "stopped at the cap of 14 rounds, not within ±1 %: md5 (real ±1.4 %, cpu ±1.2 %), sha1 (real no interval)",
    ],
    [
      "where machines would help and runs would not, with how many",
      stopped({ why: "machines", missed: missed.slice(0, 1), machines: 7 }),
      rows,
      "stopped after 14 rounds: more runs would not bring within ±1 %: md5 (real ±1.4 %); 7 machines a side would do",
    ],
    [
      "where hardly any number of machines would",
      stopped({ why: "machines", missed: missed.slice(0, 1) }),
      rows,
      "stopped after 14 rounds: more runs would not bring within ±1 %: md5 (real ±1.4 %); over 1000 machines a side would do",
    ],
    [
      "with sides named where there are several",
      stopped({ why: "cap", missed: [missed[0], { ...missed[0], side: "c8g" }] }),
      rows,
      "stopped at the cap of 14 rounds, not within ±1 %: md5 on c7g (real ±1.4 %), md5 on c8g (real ±1.4 %)",
    ],
    [
      "where nothing could be narrowed",
      stopped({ why: "nothing" }),
      rows,
      "stopped after 14 rounds: there is no figure that more runs could make surer",
    ],
  ])("%s", (_, end, until, said) => {
    expect(describeStop(end, until)).toBe(said);
  });
});
