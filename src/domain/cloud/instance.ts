// What a cloud reports of one instance.

import * as v from "valibot";
import { text } from "../schema.ts";

/** The schema of `instance` in facts.json and course.ndjson. */
export const instanceSchema = v.object({
  id: text,
  type: text,
  zone: text,
  /** The id of its image. */
  image: text,
  /** The dedicated host that it runs on, by EC2's id. */
  host: v.exactOptional(text),
});

/** What a cloud reports of an instance: its id, type, zone, image and, if it is dedicated, host. */
export type CloudInstance = Readonly<v.InferOutput<typeof instanceSchema>>;
