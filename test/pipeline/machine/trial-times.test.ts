// How long trials are expected to take, from those that were seen.

import { expect, test } from "vitest";
import type { EndedLine } from "../../../src/domain/run/machine-journal.ts";
import { TrialTimes } from "../../../src/pipeline/machine/trial-times.ts";

const trial = (row: string, round: number) => ({ suite: "s", row, impl: "c", round, attempt: 1, limit_s: 60 });
const ended = (real_s: number): EndedLine => ({
  t: "ended",
  id: "",
  kind: "trial",
  attempt: 1,
  at: "",
  status: "completed",
  real_s,
});

test("trials take what their rows took last, and what a trial takes beside its step", () => {
  const times = new TrialTimes();
  times.take(trial("a", 1), ended(9));
  times.take(trial("a", 2), ended(2));
  expect(times.expected_s([trial("a", 3), trial("b", 3)])).toBeUndefined();
  times.take(trial("b", 1), ended(3));
  expect(times.expected_s([trial("a", 3), trial("b", 3)])).toBeCloseTo(5.04);
  times.takeBeside("s", 0.5);
  times.takeBeside("s", undefined);
  expect(times.expected_s([trial("a", 3), trial("b", 3)])).toBe(6);
});

test("a long preparation is not expected again", () => {
  const times = new TrialTimes();
  times.take(trial("a", 1), ended(2));
  times.takeBeside("s", 600);
  expect(times.expected_s([trial("a", 2)])).toBe(3);
});

test("a time beyond its limit is none, and a trial that was skipped takes none", () => {
  const times = new TrialTimes();
  times.take(trial("a", 1), ended(61));
  expect(times.expected_s([trial("a", 2)])).toBeUndefined();
  times.take(trial("a", 1), { t: "ended", id: "", kind: "trial", attempt: 1, at: "", status: "skipped", reason: "no" });
  times.takeBeside("s", 0);
  expect(times.expected_s([trial("a", 2)])).toBe(0);
});
