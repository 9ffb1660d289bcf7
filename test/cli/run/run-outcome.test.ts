// The exit status of a run that ended badly in more than one way: 3 wins, and each fault is said.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reportOutcome } from "../../../src/cli/run/run-outcome.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";

let said = "";
beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const full = new TimetrialError(
  "RESULTS_UNWRITABLE",
  "cannot write results/r1/records.ndjson: no space left on device",
  {
    hint: "make room",
  },
);
const where = { run: "r1", cloud: "aws", region: "eu-west-1" } as const;

test("a full disk does not hide what is left running: 3, both are said, and how to end it", () => {
  const absence = { state: "left", ids: ["i-1"], reason: "EC2 still has them" } as const;
  expect(reportOutcome({ error: full, faults: [], absence }, false, where)).toBe(3);
  expect(said).toContain("cannot write results/r1/records.ndjson");
  expect(said).toContain("left running: i-1: EC2 still has them\n");
  expect(said).toContain("timetrial sweep --run r1 --region eu-west-1");
  expect(said).not.toContain("0 instances left running");
});

test("nor does it where the disk is full only when the outcome is noted, or the run was interrupted", () => {
  const absence = { state: "left", ids: [], reason: "no network" } as const;
  expect(reportOutcome({ faults: [full], absence }, true, where)).toBe(3);
  expect(said).toContain("machines may be left running: no network\n");
});

test("a full disk alone is 5, and it is said that nothing is left", () => {
  expect(reportOutcome({ error: full, absence: { state: "none" } }, false, where)).toBe(5);
  expect(said).toContain("timetrial: 0 instances left running\n");
});
