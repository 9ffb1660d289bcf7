// The form of an ssh host in stored files. A file from elsewhere may hold any text, and ssh would read some as options.

import * as v from "valibot";
import { text } from "../schema.ts";

/** The fields of a host that ssh connects to, as in `ssh:user@host:port`. */
export const sshHostFields = {
  user: v.exactOptional(v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/))),
  host: v.pipe(text, v.regex(/^([A-Za-z0-9][A-Za-z0-9._-]{0,252}|[0-9a-fA-F:.]{2,45})$/)),
  port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
};

/** A region's name. The SDK makes a host's name of it. */
export const regionField = v.pipe(text, v.regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/));
