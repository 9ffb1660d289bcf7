// Records made by hand, each member that matters given, the rest plain.

import type { CompletedTrial, TrialRecord } from "../../src/domain/run/trial-record.ts";

type Given = Partial<Omit<CompletedTrial, "status">>;

/** A completed, checked, untainted record of 1 s. */
export function completed(given: Given = {}): CompletedTrial {
  return { ...plain, work_id: "w", status: "completed", real_s: 1, user_s: 0.9, system_s: 0.1, check: "ok", ...given };
}

/** A record that has no times, nor knows more of its work than is given. */
export function ended(status: "failed" | "timed-out" | "skipped", given: Given = {}): TrialRecord {
  const { real_s: _real, user_s: _user, system_s: _system, ...about } = given;
  return { ...plain, driver: "none", status, reason: "made by hand", ...about };
}

/** One machine's records of a row, one a round from 1 on; null: a failed run. */
export function series(times_s: readonly (number | null)[], given: Given = {}): TrialRecord[] {
  const host_id = `host of ${given.machine ?? plain.machine}`;
  return times_s.map((real_s, i) => {
    const about = { host_id, ...given, round: i + 1 };
    if (real_s === null) return ended("failed", about);
    return completed({ ...about, real_s, user_s: real_s * 0.75, system_s: real_s * 0.25 });
  });
}

const plain = {
  schema: 1,
  suite: "s",
  row: "r",
  impl: "i",
  driver: "c",
  params: { blocks: "100" },
  side: "a",
  machine: "a-1",
  host_id: "host",
  round: 1,
  attempt: 1,
  tainted: [] as string[],
} as const;
