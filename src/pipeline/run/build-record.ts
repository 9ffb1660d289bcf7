// From the machine's journal to the record that is stored.

import type { EndedLine } from "../../domain/run/machine-journal.ts";
import { type Facts, isSandbox, type Machine } from "../../domain/run/machine.ts";
import { measurementsOf } from "../../domain/run/measurements.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { taintsOf, taintsReported, type Interference } from "../../domain/run/taint.ts";
import type { Trial } from "../../domain/run/run-log.ts";

/** Where a trial ran. */
export interface TrialLocation {
  readonly machine: Machine;
  readonly facts: Facts;
  readonly suite: PlannedSuite;
}

/** The record of a trial whose end the journal tells, judged with what was watched over its batch. */
export function recordOfEnded(
  trial: Trial,
  ended: EndedLine,
  startedAt: string | undefined,
  batch: Interference,
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
    const shared = isSandbox(place.facts) || place.machine.address.kind === "local" || place.facts.here === true;
    const watched = taintsOf(ended, batch, { ncpu: place.facts.ncpu, shared });
    const tainted = [...new Set([...watched, ...taintsReported(ended.provided)])];
    return {
      ...about,
      status: "completed",
      real_s: ended.real_s,
      user_s: ended.user_s,
      system_s: ended.system_s,
      tainted,
    };
  }
  const status = ended.status === "completed" || ended.status === "interrupted" ? "failed" : ended.status;
  const reason = ended.status === "completed" ? "no-times" : explained(ended.reason);
  return { ...about, status, reason, tainted: [] };
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
