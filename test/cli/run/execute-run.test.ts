// What the trials of a run say of its exit status.

import { expect, test } from "vitest";
import { hasFailures } from "../../../src/cli/run/execute-run.ts";
import type { StoredRun } from "../../../src/ports/results.ts";

const of = (status: string, reason?: string): boolean =>
  hasFailures({ records: [{ status, reason }] } as unknown as StoredRun);

test.each(["machine-lost", "agent", "fault", "never-began"])(
  "trials that were lost (%s) are told, by the client that goes on, too",
  (reason) => expect(of("skipped", reason)).toBe(true),
);

test.each(["needs: root", "machine-gone", "budget", "budget-cut"])(
  "trials that were left out for %s are no failures",
  (reason) => expect(of("skipped", reason)).toBe(false),
);

test("failed and timed-out trials are failures, completed ones none", () => {
  expect([of("failed"), of("timed-out"), of("completed")]).toEqual([true, true, false]);
});
