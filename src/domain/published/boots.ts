// Boot times that somebody published, in the format of the files in `reference/`. None of them was measured here.

import * as v from "valibot";
import { secondsField, text } from "../schema.ts";

/** The schema of a file of published boot times. Further members are allowed and ignored. */
export const publishedBootsSchema = v.object({
  schema: v.literal("reference-boot/1"),
  id: text,
  source: v.object({ title: text, author: text, date: text, url: text }),
  environment: v.object({ region: text, instance_type: text }),
  method: v.object({ runs: v.number(), discarded_first: v.number(), kept: v.number(), statistic: text }),
  common_phases: v.object({ run_instances_call_s: secondsField, pending_to_running_s: secondsField }),
  rows: v.array(
    v.object({
      ami_id: text,
      ami_name: text,
      running_to_port_closed_s: secondsField,
      port_closed_to_open_s: secondsField,
      total_s: secondsField,
    }),
  ),
});

/** Boot times that somebody published, with their source. Seconds. */
export type PublishedBoots = Readonly<v.InferOutput<typeof publishedBootsSchema>>;
