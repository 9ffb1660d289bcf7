// Signals that many machines wait on: Node says nothing of it on the user's screen.

import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { runSignal } from "../../../src/pipeline/run/run-context.ts";

test("a hundred machines wait on the signal of a run, and Node gives no warning", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void (name === "MaxListenersExceededWarning" && warnings.push(name));
  process.on("warning", note);
  try {
    const controller = new AbortController();
    const signal = runSignal({ signal: controller.signal });
    const waiting = Array.from({ length: 100 }, () => systemClock.sleep(600, signal).catch(() => {}));
    // Warnings are told in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await Promise.all(waiting);
  } finally {
    process.off("warning", note);
  }
  expect(warnings).toEqual([]);
});
