// The record of one trial: one line of records.ndjson.
//
// Only a completed trial has times. A value that was not measured is absent: never 0, never guessed.

import * as v from "valibot";
import { count, text, textsByName } from "../schema.ts";
import { longest_s, measurementFields } from "./measurements.ts";
import { readingFields } from "./processor-readings.ts";

const secondsField = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(longest_s));

const about = {
  schema: v.literal(1),
  suite: text,
  row: text,
  impl: text,
  driver: text,
  params: textsByName,
  work_id: v.optional(text),
  side: text,
  machine: text,
  host_id: text,
  round: v.pipe(count, v.minValue(1)),
  attempt: v.pipe(count, v.minValue(1)),
  started_at: v.optional(text),
  /** Name of the batch on its machine: the clocks around a batch are those of all of its trials. */
  batch: v.optional(text),
  ...measurementFields,
  ...readingFields,
  check: v.optional(v.picklist(["ok", "failed", "exit-only"])),
  digest: v.optional(text),
  reported: v.optional(textsByName),
  tainted: v.array(text),
};

const completed = v.strictObject({
  ...about,
  status: v.literal("completed"),
  real_s: secondsField,
  user_s: secondsField,
  system_s: secondsField,
});
const withoutTimes = v.strictObject({ ...about, status: v.picklist(["failed", "timed-out", "skipped"]), reason: text });

/** The schema of one line of records.ndjson. */
export const recordSchema = v.variant("status", [completed, withoutTimes]);

/** The schemas of all fields that a record may have, by name. */
export const recordEntries = { ...completed.entries, ...withoutTimes.entries };

/** One trial's outcome. Shapes and units: `remote/README.md` section 4. */
export type TrialRecord = Readonly<v.InferOutput<typeof recordSchema>>;

/** The record of a trial that ran to its end. The analysis decides whether it counts. */
export type CompletedTrial = Extract<TrialRecord, { status: "completed" }>;

const setupFailed = "setup: ";

/** Returns the reason of trials that were skipped because their suite's setup failed. */
export const setupFailureReason = (why: string): string => `${setupFailed}${why}`;

/** The reason of trials that were not begun, because the budget would not have paid for them. */
export const budgetUnpaid = "budget";

/** The reason of trials that had been sent to a machine, begun or not, when the budget ended the run. */
export const budgetCut = "budget-cut";

/** Whether the trial was skipped, or broken off, because the budget was spent. */
export function isForBudget(record: { readonly status: string; readonly reason?: string }): boolean {
  return record.status === "skipped" && (record.reason === budgetUnpaid || record.reason === budgetCut);
}

/** Reasons of skipped trials that are failures: the machine, its agent or an earlier run failed. */
const lossReasons: ReadonlySet<string> = new Set([
  "machine-lost",
  "agent",
  "fault",
  "never-began",
  "not-provided",
  "failed-before",
]);

/** The reason that a suite's setup gives for a parameter that it cannot use: `driver: expected c or node, got "x"`. */
const refusedParameter = /^[a-z][a-z0-9_]*: expected /;

/**
 * Whether the record is a failure. A completed trial that left processes running is one. A trial that was skipped
 * because of a requirement that the machine does not meet, or because of its price, is not.
 */
export function isFailure(
  record: Pick<TrialRecord, "status"> & { readonly reason?: string; readonly tainted?: readonly string[] },
): boolean {
  if (record.status === "completed") return record.tainted?.includes("orphans") === true;
  if (record.status !== "skipped") return true;
  const { reason = "" } = record;
  return reason.startsWith(setupFailed) || lossReasons.has(reason) || refusedParameter.test(reason);
}
