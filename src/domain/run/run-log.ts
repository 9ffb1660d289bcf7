// The course of a run, as course.ndjson keeps it: the machines in hand, what was settled, and each batch before it is
// sent. Another client can go on from it where this one died: it asks the machines for the same batches by name.

import * as v from "valibot";
import { instanceSchema } from "../cloud/instance.ts";
import { microVmFactsSchema } from "../microvm/microvm.ts";
import { stopReasonFields } from "../plan/stopping-rule.ts";

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A part of the paths of files, here and on the machine: it leads nowhere else. */
const fileName = v.pipe(text, v.regex(/^(?!\.*$)[A-Za-z0-9._+#-]{1,200}$/));

const addressSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("local") }),
  v.strictObject({
    kind: v.literal("ssh"),
    user: v.exactOptional(text),
    host: text,
    port: v.exactOptional(count),
    key: v.exactOptional(text),
    known_hosts: v.exactOptional(text),
    namespace_of: v.exactOptional(count),
  }),
  v.strictObject({ kind: v.literal("ssm"), instance_id: text, region: text }),
]);

const trialSchema = v.strictObject({
  suite: text,
  row: text,
  impl: text,
  round: count,
  attempt: count,
  /** Seconds. */
  limit_s: count,
});

/** One trial as it is sent: what, in which round, and the how-manieth try. */
export type Trial = Readonly<v.InferOutput<typeof trialSchema>>;

const inHandSchema = v.object({
  machine: v.strictObject({ name: fileName, side: text, address: addressSchema }),
  /** Unique in the run, part of the names of the machine's batches. */
  slot: count,
  instance: v.exactOptional(instanceSchema),
  microvm: v.exactOptional(microVmFactsSchema),
  /** Launched for the run, with user-data of ours, and given back. */
  booting: v.exactOptional(v.literal(true)),
});

/** A machine of the run, and its place in it. */
export type RunMachine = Readonly<v.InferOutput<typeof inHandSchema>>;

export const runLogSchema = v.variant("kind", [
  /** All that one acquiring gave. */
  v.object({
    kind: v.literal("machines"),
    machines: v.array(inHandSchema),
    /** Where they are one lot of many, for rows whose machines must be new. */
    lot: v.exactOptional(count),
  }),
  /** The machine is in hand no more; another stands in for it. */
  v.object({ kind: v.literal("gone"), machine: text, reason: text }),
  v.object({ kind: v.literal("parameter"), suite: text, name: text, value: text }),
  /** `plan`: SHA-256 of its text. A setup has no trials. */
  v.object({
    kind: v.literal("batch"),
    machine: fileName,
    batch: fileName,
    suite: text,
    plan: text,
    trials: v.array(trialSchema),
  }),
  /** All of its journal is in the records. */
  v.object({ kind: v.literal("read"), machine: text, batch: text }),
  /** How the rounds of a suite ended, where their number was not given. */
  v.object({ kind: v.literal("stopped"), ...stopReasonFields }),
  /** Nothing is left to be measured. */
  v.object({ kind: v.literal("finished") }),
]);

/** One line of course.ndjson: a step of a run, noted before it is taken; `resume` goes by it. */
export type RunLogEntry = Readonly<v.InferOutput<typeof runLogSchema>>;
export type Batch = Extract<RunLogEntry, { kind: "batch" }>;
