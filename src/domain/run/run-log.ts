// The log of a run in course.ndjson: its machines, the values that it chose, and each batch before it is sent. Where a
// client died, another one can resume the run from the log: it asks the machines for the same batches by name.

import * as v from "valibot";
import { count, text } from "../schema.ts";
import { instanceSchema } from "../cloud/instance.ts";
import { microVmFactsSchema } from "../microvm/microvm.ts";
import { regionField, sshHostFields } from "../plan/ssh-host.ts";
import { stopReasonFields } from "../plan/stopping-rule.ts";

/** A part of file paths, here and on the machine. The pattern allows no path to another folder. */
const fileName = v.pipe(text, v.regex(/^(?!\.*$)[A-Za-z0-9._+#-]{1,200}$/));

const filePath = v.pipe(text, v.regex(/^[^\p{Cc}]{1,4096}$/u));
const instanceId = v.pipe(text, v.regex(/^i-[0-9a-f]{1,17}$/));

const addressSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("local") }),
  v.strictObject({
    kind: v.literal("ssh"),
    ...sshHostFields,
    key: v.exactOptional(filePath),
    known_hosts: v.exactOptional(filePath),
    namespace_of: v.exactOptional(v.pipe(count, v.minValue(2))),
  }),
  v.strictObject({ kind: v.literal("ssm"), instance_id: instanceId, region: regionField }),
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

/** One trial as it is sent to a machine: its row, its round and its attempt. */
export type Trial = Readonly<v.InferOutput<typeof trialSchema>>;

const runMachineSchema = v.object({
  machine: v.strictObject({ name: fileName, side: text, address: addressSchema }),
  /** A part of the names of the machine's batches. No two machines that may have one home folder have the same. */
  slot: count,
  instance: v.exactOptional(instanceSchema),
  microvm: v.exactOptional(microVmFactsSchema),
  /** Set where the run launched the machine, with our user-data, and terminates it. */
  booting: v.exactOptional(v.literal(true)),
});

/** A machine of the run, and its slot. */
export type RunMachine = Readonly<v.InferOutput<typeof runMachineSchema>>;

export const runLogSchema = v.variant("kind", [
  /** All machines that were acquired together. */
  v.object({
    kind: v.literal("machines"),
    machines: v.array(runMachineSchema),
    /** Number of the lot, where machines are acquired in lots for rows that need new machines. */
    lot: v.exactOptional(count),
  }),
  /** The machine is lost or terminated; another one may replace it. */
  v.object({ kind: v.literal("gone"), machine: text, reason: text }),
  v.object({ kind: v.literal("parameter"), suite: text, name: text, value: text }),
  /** `plan`: SHA-256 of the plan's text. A batch of a setup has no trials. */
  v.object({
    kind: v.literal("batch"),
    machine: fileName,
    batch: fileName,
    suite: text,
    plan: text,
    trials: v.array(trialSchema),
  }),
  /** The batch's whole journal is in the records. */
  v.object({ kind: v.literal("read"), machine: text, batch: text }),
  /** How the rounds of a suite ended, where their number was not fixed. */
  v.object({ kind: v.literal("stopped"), ...stopReasonFields }),
  /** Every trial is done. */
  v.object({ kind: v.literal("finished") }),
]);

/** One line of course.ndjson: a step of a run, written before the step is taken. `resume` continues from these. */
export type RunLogEntry = Readonly<v.InferOutput<typeof runLogSchema>>;
export type Batch = Extract<RunLogEntry, { kind: "batch" }>;
