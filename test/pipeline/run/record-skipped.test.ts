// Trials that were not run are recorded many at a time, and Ctrl-C is heeded in between.

import { expect, test } from "vitest";
import type { TrialRecord } from "../../../src/domain/run/trial-record.ts";
import { recordSkipped } from "../../../src/pipeline/run/record-skipped.ts";
import { aSuite } from "../../support/given.ts";

const place = {
  machine: { name: "a-1", side: "a", address: { kind: "local" as const } },
  facts: { host_id: "h" },
  suite: aSuite({}),
};
const skipped = Array.from({ length: 2500 }, (_, i) => ({
  trial: { suite: "hashes", row: "md5", impl: "portable-c", round: i + 1, attempt: 1, limit_s: 60 },
  reason: "machine-gone",
  place,
}));

test("all are recorded, in their order, and do not wait for each other", async () => {
  const records: TrialRecord[] = [];
  let [waiting, most] = [0, 0];
  const record = async (one: TrialRecord): Promise<void> => {
    records.push(one);
    waiting += 1;
    most = Math.max(most, waiting);
    await Promise.resolve();
    waiting -= 1;
  };
  await recordSkipped({ record }, skipped);
  expect(records.map(({ round }) => round)).toEqual(skipped.map(({ trial }) => trial.round));
  expect(records.every(({ status }) => status === "skipped")).toBe(true);
  expect(most).toBeGreaterThan(100);
});

test("an interrupted run leaves the others open", async () => {
  const interrupt = new AbortController();
  let count = 0;
  const record = async (): Promise<void> => {
    count += 1;
    if (count === 1) interrupt.abort(new Error("SIGINT"));
  };
  await expect(recordSkipped({ record }, skipped, interrupt.signal)).rejects.toThrow("SIGINT");
  expect(count).toBeLessThan(skipped.length);
});
