// Builds the record of a trial from the machine's journal.

import type { BatchAround } from "../agent/batch-reader.ts";
import { defined } from "../../domain/defined.ts";
import type { EndedLine } from "../../domain/run/machine-journal.ts";
import { emulatorOf, type Facts, isSandbox, type Machine } from "../../domain/run/machine.ts";
import { measurementsOf } from "../../domain/run/measurements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { printable } from "../../domain/printable.ts";
import { soundReadings } from "../../domain/run/processor-readings.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { impossibleTimes } from "../../domain/run/impossible-times.ts";
import { pinnedWork } from "../../domain/run/pinned-digests.ts";
import { taintsOf, taintsReported, type Interference } from "../../domain/run/taint.ts";
import type { Trial } from "../../domain/run/run-log.ts";

/** Where a trial ran. */
export interface TrialLocation {
  readonly machine: Machine;
  readonly facts: Facts;
  readonly suite: PlannedSuite;
  /** Whether the suite is one of the user's own: its digests are not known beforehand. */
  readonly own?: boolean;
}

/** What this client knows of a trial beside the machine's `ended` line. */
export interface TrialWatch {
  /** When the trial began, by the machine's journal. */
  readonly startedAt: string | undefined;
  /** Interference over the trial's batch. */
  readonly batch: Interference & BatchAround;
  /** The longest that the trial can have taken, by this client's clocks. Seconds; undefined where it did not watch. */
  readonly seen_s: number | undefined;
}

/** Returns the record of a trial that has an `ended` line, tainted where its batch saw interference. */
export function recordOfEnded(
  trial: Trial,
  ended: EndedLine,
  { startedAt, batch, seen_s }: TrialWatch,
  place: TrialLocation,
): TrialRecord {
  const about = {
    ...identity(trial, place),
    driver: ended.driver ?? "none",
    ...startedAtIfKnown(startedAt),
    ...measurementsOf(ended),
    ...soundReadings(readingsOf(ended, batch)).readings,
    ...defined({
      batch: batch.batch,
      check: checkOf(ended, place),
      digest: ended.provided?.["digest"],
      work_id: ended.provided?.["work_id"] ?? place.facts.suites[place.suite.name]?.["work_id"],
      reported: reported(ended),
    }),
  };
  if (
    ended.status === "completed" &&
    ended.real_s !== undefined &&
    ended.user_s !== undefined &&
    ended.system_s !== undefined
  ) {
    const { real_s, user_s, system_s } = ended;
    const bounds = { ncpu: place.facts.ncpu, limit_s: trial.limit_s, seen_s };
    const impossible = impossibleTimes({ ...ended, real_s, user_s, system_s }, bounds);
    if (impossible !== undefined) return { ...about, status: "failed", reason: impossible, tainted: [] };
    const otherWork = place.own === true ? undefined : differsFromPinned(about);
    if (otherWork !== undefined) return { ...about, check: "failed", status: "failed", reason: otherWork, tainted: [] };
    const { here } = place.facts;
    const isLocal = place.machine.address.kind === "local" || here === true;
    // An emulated guest counts CPU time in timer ticks, which its host cannot deliver in time.
    const shared = isSandbox(place.facts) || isLocal || emulatorOf(place.facts) !== undefined;
    const watched = taintsOf(ended, batch, { ncpu: place.facts.ncpu, shared });
    const tainted = [...new Set([...watched, ...taintsReported(ended.provided)])];
    return {
      ...about,
      status: "completed",
      real_s,
      user_s,
      system_s,
      tainted,
    };
  }
  const status = ended.status === "completed" || ended.status === "interrupted" ? "failed" : ended.status;
  const reason = ended.status === "completed" ? "no-times" : explained(ended.reason);
  return { ...about, status, reason, tainted: [] };
}

/** Returns what the machine says of its clock and its counters over the trial: it may be impossible. */
export function readingsOf(ended: EndedLine, batch: BatchAround): Parameters<typeof soundReadings>[0] {
  return { ...ended, clock_hz_after: batch.clock_hz_after };
}

/**
 * Returns how the trial's digest differs from the row's pinned digest; undefined where it does not, or none is pinned.
 */
function differsFromPinned(
  about: Pick<TrialRecord, "suite" | "row" | "params" | "check" | "digest" | "work_id">,
): string | undefined {
  const want = pinnedWork(about);
  if (want === undefined || about.check !== "ok") return undefined;
  if (about.digest !== want.digest) return `digest: expected ${short(want.digest)}, got ${short(about.digest)}`;
  if (want.work_id !== undefined && about.work_id !== want.work_id)
    return `work_id: expected ${want.work_id}, got ${short(about.work_id)}`;
  return undefined;
}

function short(text: string | undefined): string {
  if (text === undefined) return "none";
  const clean = printable(text);
  return clean.length > 16 ? `${clean.slice(0, 12)}…` : clean;
}

function checkOf({ check }: EndedLine, { suite }: TrialLocation): TrialRecord["check"] {
  return check === "ok" ? (suite.check ?? check) : check;
}

/** Adds what the exit statuses 126 and 127 mean in POSIX. */
function explained(reason: string): string {
  if (/(^| )exit 127$/.test(reason)) return `${reason}: command not found`;
  return /(^| )exit 126$/.test(reason) ? `${reason}: command cannot be executed` : reason;
}

/** Where a trial was skipped. Of its machine, perhaps only the host is known. */
export interface SkippedLocation {
  readonly machine: Pick<Machine, "name" | "side">;
  readonly facts: Pick<Facts, "host_id">;
  readonly suite: PlannedSuite;
}

/** Returns the record of a trial that never began. */
export function recordOfSkipped(trial: Trial, reason: string, place: SkippedLocation): TrialRecord {
  return { ...identity(trial, place), driver: "none", status: "skipped", reason, tainted: [] };
}

function identity(trial: Trial, { machine, facts, suite }: SkippedLocation) {
  return {
    schema: 1 as const,
    suite: trial.suite,
    row: trial.row,
    impl: trial.impl,
    params: suite.params,
    side: machine.side,
    machine: machine.name,
    host_id: facts.host_id,
    round: trial.round,
    attempt: trial.attempt,
  };
}

function startedAtIfKnown(startedAt: string | undefined): { started_at?: string } {
  return startedAt === undefined ? {} : { started_at: startedAt };
}

function reported(ended: EndedLine): Record<string, string> | undefined {
  const entries = Object.entries(ended.provided ?? {}).filter(([name]) => name.startsWith("reported."));
  return entries.length === 0
    ? undefined
    : Object.fromEntries(entries.map(([name, value]) => [name.slice("reported.".length), value]));
}
