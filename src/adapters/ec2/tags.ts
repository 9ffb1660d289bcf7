// The tags on every instance, volume, interface and spot request that timetrial creates. They are found again by these
// tags.

import { hostname, userInfo } from "node:os";
import type { Tag } from "@aws-sdk/client-ec2";

/** The run that launched the instance. */
export const runTag = "timetrial:run";
/** The user who launched it: USER@HOST. */
export const ownerTag = "timetrial:owner";
/** When the instance terminates itself at the latest. ISO 8601. */
export const deadlineTag = "timetrial:deadline";
export const sideTag = "timetrial:side";

/** A filter for everything that any run launched. */
export const anyRunFilter = { Name: "tag-key", Values: [runTag] };

/** Returns USER@HOST of this process, cut to the 256 characters of a tag's value. */
export function ownerName(): string {
  return `${userInfo().username}@${hostname()}`.slice(0, 256);
}

/** Returns the value of the tag `key`; undefined if there is none. */
export function tagValue(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find(({ Key }) => Key === key)?.Value;
}
