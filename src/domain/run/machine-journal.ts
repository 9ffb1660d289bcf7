// The schema of a line of the machine's journal (`remote/README.md` section 4). Lines are not trusted before they
// match.

import * as v from "valibot";
import { count, secondsField, text } from "../schema.ts";
import { measurementFields } from "./measurements.ts";
import { readingLine } from "./processor-readings.ts";

const kind = v.picklist(["setup", "trial", "cleanup"]);

const outputFields = {
  driver: v.optional(text),
  check: v.optional(v.picklist(["ok", "failed"])),
  provided: v.optional(v.record(text, text)),
  stderr_tail: v.optional(text),
};

const ended = {
  t: v.literal("ended"),
  id: text,
  kind,
  attempt: count,
  at: text,
  ...measurementFields,
  ...readingLine,
  ...outputFields,
};

export const journalSchema = v.union([
  v.object({
    t: v.literal("start"),
    batch: text,
    at: text,
    boot_id: text,
    taken_over: v.optional(text),
    detached: v.optional(text),
    /** What was removed: runs and archives that were not used for a week. */
    removed: v.optional(text),
  }),
  v.object({ t: v.literal("begun"), id: text, kind, attempt: count, at: text }),
  v.object({
    ...ended,
    status: v.literal("completed"),
    // Any number is accepted here: an impossible time fails the trial, not the machine.
    real_s: v.optional(v.number()),
    user_s: v.optional(v.number()),
    system_s: v.optional(v.number()),
  }),
  v.object({ ...ended, status: v.picklist(["failed", "timed-out", "interrupted", "skipped"]), reason: text }),
  v.object({
    t: v.literal("end"),
    batch: text,
    at: text,
    boot_id: text,
    real_s: v.optional(secondsField),
    steal_s: v.optional(secondsField),
    others_cpu_s: v.optional(v.pipe(v.number(), v.finite())),
    swapped_pages: v.optional(count),
    clock_hz_after: v.optional(v.number()),
  }),
]);

export type JournalLine = Readonly<v.InferOutput<typeof journalSchema>>;
export type EndedLine = Extract<JournalLine, { t: "ended" }>;
export type StartLine = Extract<JournalLine, { t: "start" }>;
export type EndLine = Extract<JournalLine, { t: "end" }>;
