// What is told of a step that failed: why, its own last words, and its log.

import { expect, test } from "vitest";
import type { EndedLine } from "../../../src/domain/run/machine-journal.ts";
import { failureOf, keepStepLog } from "../../../src/pipeline/machine/step-log.ts";

const failed = (printed: string): EndedLine => ({
  t: "ended",
  id: "command.setup",
  kind: "setup",
  attempt: 1,
  status: "failed",
  reason: "exit 9",
  stderr_tail: Buffer.from(printed).toString("base64"),
  at: "2026-01-02T03:04:05Z",
});

test.each([
  ["driver.command=exec\nfirst\nsad words\n", "exit 9: sad words"],
  ["driver.command=exec\n", "exit 9"],
  ["sad words\nfact.compiler=cc 12.2\nskip.evp=no libcrypto\n", "exit 9: sad words"],
  ["a=b\n", "exit 9: a=b"],
  ["", "exit 9"],
])("a step that failed and printed %j has its own last words in its reason", (printed, reason) => {
  expect(failureOf(failed(printed))).toBe(reason);
});

test("the log of a step that failed has what it printed for people, and is not written where that is nothing", async () => {
  const logs: string[][] = [];
  const sink = { log: async (name: string, text: string) => void logs.push([name, text]) };
  await keepStepLog("a", failed("driver.command=exec\nsad words\n"), sink);
  await keepStepLog("b", failed("driver.command=exec\n"), sink);
  expect(logs).toEqual([["a.txt", "sad words\n"]]);
});
