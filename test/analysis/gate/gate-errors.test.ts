// How often a gate errs, on seeded samples whose true slowness is known: no more often than docs/gate.md promises.

import { describe, expect, test } from "vitest";
import { evaluateTest } from "../../../src/analysis/compare-tests/test-result.ts";
import { keptSide } from "../../../src/analysis/comparison/kept-runs.ts";
import { answerOf, worstAnswer } from "../../../src/analysis/gate/judge-gate.ts";
import { simultaneousInterval } from "../../../src/analysis/statistics/simultaneous.ts";
import { loadStudent } from "../../../src/analysis/statistics/student.ts";
import { firstLook, gateLooks } from "../../../src/domain/plan/stopping-rule.ts";
import type { GateAnswer } from "../../../src/domain/plan/gate.ts";
import { exponential, seeded } from "../../support/noise-samples.ts";

const samples = 400;
const limit_percent = 3;
const promised = 0.025;
/** Three standard errors of a share of 2.5 % in so many samples. */
const margin = 3 * Math.sqrt((promised * (1 - promised)) / samples);

/** The share of gates with `answer`, over rows that take `slower` percent longer: skewed noise of 5 %, 9 runs a side. */
async function share(answer: GateAnswer, seed: number, slower: readonly number[]): Promise<number> {
  const [draw, student] = [seeded(seed), await loadStudent()];
  let found = 0;
  for (let i = 0; i < samples; i++) {
    const answers: GateAnswer[] = [];
    for (const percent of slower) {
      const side = (median_s: number) => {
        const times_s = Array.from({ length: 9 }, () => median_s * Math.exp(0.05 * (exponential(draw) - Math.LN2)));
        return keptSide([{ machine: "m", rounds: times_s.map((_, round) => round), times_s }]);
      };
      const [baseline, contender] = [side(1), side(1 + percent / 100)];
      const { d, interval } = await evaluateTest({ name: "row", baseline, contender, resolution_s: 0 }, false);
      if (d === null || interval === null) throw new Error("nine runs have an interval");
      const adjusted = simultaneousInterval(interval, slower.length, student);
      const ends = { hi: 100 * Math.expm1(interval.down - d), lo_adjusted: 100 * Math.expm1(-d - adjusted.up) };
      answers.push(answerOf(limit_percent, ends));
    }
    if (worstAnswer(answers) === answer) found += 1;
  }
  return found / samples;
}

test("eight rows that are all at the limit make a gate fail no more often than promised", async () => {
  expect(await share("fail", 1, [3, 3, 3, 3, 3, 3, 3, 3])).toBeLessThanOrEqual(promised + margin);
});

test("one row at the limit lets a gate pass no more often than promised", async () => {
  expect(await share("pass", 2, [3])).toBeLessThanOrEqual(promised + margin);
});

test("a row that is far over the limit makes it fail, and rows far below let it pass", async () => {
  expect(await share("fail", 3, [60, 0])).toBeGreaterThan(0.95);
  expect(await share("pass", 4, [-40, -40])).toBeGreaterThan(0.95);
});

describe("a run that ends as soon as its gate is decided", () => {
  // Kept runs at the looks of at most 30 rounds, the warm-up included: the first with a claim on machines is after 10.
  const looks = gateLooks(30, 1);
  const kept = looks.map((round) => round - 1).filter((count) => count >= firstLook.machines);

  /** The answer of a gate that is judged at each look until it is decided; whether the last interval holds the truth. */
  async function endedRun(draw: () => number, percent: number): Promise<{ answer: GateAnswer; holds: boolean }> {
    const times = [1, 1 + percent / 100].map((median_s) =>
      Array.from({ length: 29 }, () => median_s * Math.exp(0.05 * (exponential(draw) - Math.LN2))),
    );
    for (const count of kept) {
      const [baseline, contender] = times.map((all) => {
        const times_s = all.slice(0, count);
        return keptSide([{ machine: "m", rounds: times_s.map((_, round) => round), times_s }]);
      });
      if (baseline === undefined || contender === undefined) throw new Error("two sides");
      const test = await evaluateTest({ name: "row", baseline, contender, resolution_s: 0 }, false, looks.length);
      if (test.d === null || test.interval === null) throw new Error("nine runs have an interval");
      const [lo, hi] = [-test.d - test.interval.up, -test.d + test.interval.down].map((log) => 100 * Math.expm1(log));
      const answer = answerOf(limit_percent, { hi: hi as number, lo_adjusted: lo as number });
      const holds = (lo as number) <= percent && percent <= (hi as number);
      if (answer !== "undecided" || count === kept.at(-1)) return { answer, holds };
    }
    throw new Error("no look");
  }

  test.each([
    ["at the limit fails no more often than promised, nor passes", 5, 3],
    ["just over the limit passes no more often than promised", 6, 4],
  ])("%s, and its interval holds the truth as often as promised", async (_, seed, percent) => {
    const draw = seeded(seed);
    const counts = { pass: 0, fail: 0, undecided: 0, holds: 0 };
    for (let i = 0; i < samples; i++) {
      const { answer, holds } = await endedRun(draw, percent);
      counts[answer] += 1;
      if (holds) counts.holds += 1;
    }
    expect(counts.pass / samples).toBeLessThanOrEqual(promised + margin);
    if (percent <= limit_percent) expect(counts.fail / samples).toBeLessThanOrEqual(promised + margin);
    expect(counts.holds / samples).toBeGreaterThanOrEqual(0.95);
  });

  test("has few looks, which are known before it begins, the last at the cap", () => {
    expect(looks).toEqual([7, 11, 17, 26, 30]);
    expect(gateLooks(7, 1)).toEqual([7]);
    expect(gateLooks(5, 1)).toEqual([5]);
  });
});
