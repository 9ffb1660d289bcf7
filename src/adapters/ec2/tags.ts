// The tags that every machine, volume, interface and spot request of ours bears: by them they are found again.

import { hostname, userInfo } from "node:os";
import type { Tag } from "@aws-sdk/client-ec2";

/** The run that launched it. */
export const runTag = "timetrial:run";
/** Who launched it: USER@HOST. */
export const ownerTag = "timetrial:owner";
/** When it ends itself at the latest. ISO 8601. */
export const deadlineTag = "timetrial:deadline";
export const sideTag = "timetrial:side";

/** A filter for what any run of ours launched. */
export const anyRunFilter = { Name: "tag-key", Values: [runTag] };

/** USER@HOST of this process, at most the 256 characters that a tag's value may have. */
export function ownerName(): string {
  return `${userInfo().username}@${hostname()}`.slice(0, 256);
}

/** The value of the tag `key`; undefined where there is none. */
export function tagValue(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find(({ Key }) => Key === key)?.Value;
}
