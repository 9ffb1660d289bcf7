// Measurements of a step beside its times: the same fields in the machine's journal and in the stored record.
//
// Units and meanings: `remote/README.md` section 4. A value that was not measured is absent.

import * as v from "valibot";
import { count } from "../schema.ts";

/** Thirty years. A longer time is not a measurement, and sums of such times may be infinite. Seconds. */
export const longest_s = 1e9;
const secondsField = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(longest_s));

export const measurementFields = {
  capture: v.optional(v.string()),
  real_resolution_s: v.optional(secondsField),
  cpu_resolution_s: v.optional(secondsField),
  /** Part of `real_s` that the capture itself took, not the step; absent where it is negligible. */
  capture_fixed_s: v.optional(secondsField),
  exit_status: v.optional(count),
  signal: v.optional(count),
  orphans: v.optional(count),
  /** Command line of the first orphan, where the kernel provides it. */
  orphan_command: v.optional(v.pipe(v.string(), v.maxLength(400))),
  orphan_cpu_s: v.optional(secondsField),
  max_rss_bytes: v.optional(count),
  minor_faults: v.optional(count),
  major_faults: v.optional(count),
  voluntary_switches: v.optional(count),
  involuntary_switches: v.optional(count),
  /** CPU time that the hypervisor withheld, summed over all CPUs. */
  steal_s: v.optional(secondsField),
  /** Busy time of all CPUs less the step's own. It may be a little below 0, since the kernel counts in ticks. */
  others_cpu_s: v.optional(v.pipe(v.number(), v.minValue(-longest_s), v.maxValue(longest_s))),
  swapped_pages: v.optional(count),
  load1_before: v.optional(v.pipe(v.number(), v.finite())),
};

const schema = v.object(measurementFields);

/** Returns the measurement fields of `step`, without its others. */
export function measurementsOf(step: v.InferOutput<typeof schema>): v.InferOutput<typeof schema> {
  return v.parse(schema, step);
}
