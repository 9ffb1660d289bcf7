// How short trials of a batch are judged whose end nobody heard.

import { expect, test } from "vitest";
import type { JournalLine } from "../../../src/domain/run/machine-journal.ts";
import { taintsOf } from "../../../src/domain/run/taint.ts";
import { BatchReader } from "../../../src/pipeline/agent/batch-reader.ts";

const at = "2026-11-24T03:15:00Z";
const trials = [1, 2, 3].map((round) => ({ suite: "s", row: "a", impl: "c", round, attempt: 1, limit_s: 60 }));
const start: JournalLine = { t: "start", batch: "b", at, boot_id: "one" };

function heardAfter(steal_s: number, more: readonly JournalLine[] = []): BatchReader {
  const heard = new BatchReader(trials);
  const times = { real_s: 0.5, user_s: 0.5, system_s: 0, steal_s, others_cpu_s: 0 };
  const ended = (round: number): JournalLine => {
    const about = { t: "ended", id: `s.r${round}.a.c`, kind: "trial", attempt: 1, at } as const;
    return { ...about, status: "completed", ...times };
  };
  for (const line of [start, ended(1), ended(2), ...more]) heard.take(line);
  return heard;
}

const short = { real_s: 0.5, steal_s: 0 };
const machine = { ncpu: 1, shared: false };

test("a short trial of a batch that broke off is tainted by what its trials lost to other guests, all in all", () => {
  // 1 s was watched: more than 1 % of it, and more than one tick and a half, taints.
  expect(taintsOf(short, heardAfter(0.01).watched, machine)).toEqual(["steal"]);
  expect(taintsOf(short, heardAfter(0).watched, machine)).toEqual([]);
});

test("a batch whose end was heard is judged by that alone", () => {
  const end: JournalLine = { t: "end", batch: "b", at, boot_id: "one", real_s: 20, steal_s: 0.03 };
  expect(taintsOf(short, heardAfter(0.01, [end]).watched, machine)).toEqual([]);
});

test("what a trial takes beside its timed step is known of a batch that was whole, and of no other", () => {
  const end: JournalLine = { t: "end", batch: "b", at, boot_id: "one", real_s: 3 };
  const third = { t: "ended", id: "s.r3.a.c", kind: "trial", attempt: 1, at } as const;
  const times = { real_s: 0.5, user_s: 0.5, system_s: 0 };
  const whole: JournalLine[] = [{ ...third, status: "completed", ...times }, end];
  expect(heardAfter(0, whole).besideTrial_s).toBe(0.5);
  expect(heardAfter(0, whole.slice(0, 1)).besideTrial_s).toBeUndefined();
  expect(heardAfter(0, [end]).besideTrial_s).toBeUndefined();
  expect(heardAfter(0, [{ ...third, status: "failed", reason: "exit 1" }, end]).besideTrial_s).toBeUndefined();
  expect(heardAfter(0, [{ ...start, boot_id: "two" }, ...whole]).besideTrial_s).toBeUndefined();
});

test("a machine that was started again in the midst of it is known by its boot's id", () => {
  expect(heardAfter(0).rebooted).toBe(false);
  expect(heardAfter(0, [{ ...start, boot_id: "two" }]).rebooted).toBe(true);
});
