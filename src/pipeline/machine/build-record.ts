// From the machine's journal to the record that is stored.

import type { EndedLine } from "../../domain/run/machine-journal.ts";
import { type Facts, isSandbox, type Machine } from "../../domain/run/machine.ts";
import { measurementsOf } from "../../domain/run/measurements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import { printable } from "../../domain/printable.ts";
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
  /** Whether the suite is one of the user's own: nobody knows the digests of its work. */
  readonly own?: boolean;
}

/** What is known of a trial beside what its machine says. */
export interface TrialWatch {
  /** When the machine said that it began. */
  readonly startedAt: string | undefined;
  /** What was watched over the trial's batch. */
  readonly batch: Interference;
  /** The most that can have passed since the trial began, by our own clocks. Seconds; undefined where nobody watched. */
  readonly seen_s: number | undefined;
}

/** The record of a trial whose end the journal tells, judged with what was watched over its batch. */
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
    ...defined({
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
    const otherWork = place.own === true ? undefined : otherThanPinned(about);
    if (otherWork !== undefined) return { ...about, check: "failed", status: "failed", reason: otherWork, tainted: [] };
    const { here, microvm } = place.facts;
    const isLocal = place.machine.address.kind === "local" || here === true;
    // An emulated guest accounts by ticks that its host cannot deliver in time.
    const shared = isSandbox(place.facts) || isLocal || microvm?.emulated !== undefined;
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

/** In what the work that was proved differs from the row's known work; undefined where it does not, or none is known. */
function otherThanPinned(
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

/** What POSIX has a shell say by its exit status. */
function explained(reason: string): string {
  if (/(^| )exit 127$/.test(reason)) return `${reason}: command not found`;
  return /(^| )exit 126$/.test(reason) ? `${reason}: command cannot be executed` : reason;
}

/** Where a trial did not run: all that is known of it may be its host. */
export interface SkippedLocation {
  readonly machine: Pick<Machine, "name" | "side">;
  readonly facts: Pick<Facts, "host_id">;
  readonly suite: PlannedSuite;
}

/** The record of a trial that never began. */
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
  const said = Object.entries(ended.provided ?? {}).filter(([name]) => name.startsWith("reported."));
  return said.length === 0
    ? undefined
    : Object.fromEntries(said.map(([name, value]) => [name.slice("reported.".length), value]));
}

/** `fields` without those that were not measured. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
