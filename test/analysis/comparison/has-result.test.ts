// Exit status 0 means that there is a result.

import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/comparison/analyse.ts";
import { hasResult } from "../../../src/analysis/comparison/has-result.ts";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { completed, ended, series } from "../../support/records.ts";

const rows = ["r", "other"].map((row) => ({ suite: "s", row, impl: "i" }));
const judged = async (records: readonly TrialRecord[], sides = ["a", "b"]): Promise<boolean> =>
  hasResult(await analyse(records, { sides, baseline: "a", rows, warmup: () => 0 }), sides);
const on = (side: string, given: object = {}) => series([1, 1, 1], { side, machine: `${side}-1`, ...given });

describe("there is a result", () => {
  test("where every row that ran has a kept run on each side", async () => {
    expect(await judged([...on("a"), ...on("b")])).toBe(true);
  });

  test("where a row did not run for a need, and another did", async () => {
    const skipped = ended("skipped", { side: "b", machine: "b-1", row: "other" });
    expect(await judged([...on("a"), ...on("b"), ...on("a", { row: "other" }), skipped])).toBe(true);
  });

  test("where one run of several was left out", async () => {
    expect(
      await judged([...on("a"), ...on("b"), completed({ side: "b", round: 4, machine: "b-1", tainted: ["steal"] })]),
    ).toBe(true);
  });
});

describe("there is none", () => {
  test("where every run of a row was left out on a side", async () => {
    expect(
      await judged([
        ...on("a"),
        ...on("b"),
        ...on("a", { row: "other" }),
        ...on("b", { row: "other", tainted: ["steal"] }),
      ]),
    ).toBe(false);
  });

  test("where no machine is left on a side", async () => {
    expect(await judged(on("a"))).toBe(false);
  });

  test("where a side ran nothing for needs that its machines do not have", async () => {
    expect(await judged([...on("a"), ended("skipped", { side: "b", machine: "b-1" })])).toBe(false);
  });

  test("where the work was contradicted", async () => {
    expect(await judged([...on("a", { digest: "d1" }), ...on("b", { digest: "d2" })])).toBe(false);
  });
});
