// What a suite needs of a machine, and what a machine lacks of it. Known before anything is timed.

import type { Facts } from "./machine.ts";
import { type PlannedSuite, rowsForOs } from "../plan/plan.ts";

/** Of the memory that is sold as 8 GiB the kernel keeps some for itself: so much of what is asked for is enough. */
const enough = 0.9;

const gib = 2 ** 30;

/** What a machine must be asked for, as `agent.sh facts` takes it: `command:zstd`, `package:git`; each once. */
export function requiredTools(suites: readonly Pick<PlannedSuite, "needs">[]): string[] {
  const words = suites.flatMap(({ needs }) => [
    ...(needs?.commands ?? []).map((name) => `command:${name}`),
    ...(needs?.packages ?? []).map((name) => `package:${name}`),
  ]);
  return [...new Set(words)];
}

/**
 * What `suite` needs and the machine of `facts` has not, each in words: `command zstd`; none where it can run.
 * What the machine could not tell is not held against it.
 */
export function missingRequirements(suite: PlannedSuite, facts: Facts): string[] {
  if (rowsForOs(suite, facts.uname).length === 0)
    return [[...new Set(suite.rows.flatMap(({ os }) => os))].join(" or ")];
  const { needs } = suite;
  if (needs === undefined) return [];
  const { memory_bytes: memory = Infinity, disk_free_bytes: disk = Infinity } = facts;
  return [
    ...requiredTools([suite])
      .filter((word) => facts.lacks.includes(word))
      .map((word) => word.replace(":", " ")),
    ...(memory < needs.memory_bytes * enough
      ? [`${formatBytes(needs.memory_bytes)} of memory (has ${formatBytes(memory)})`]
      : []),
    ...(disk < needs.disk_bytes ? [`${formatBytes(needs.disk_bytes)} of disk (has ${formatBytes(disk)} free)`] : []),
    ...(facts.ncpu < (needs.vcpus ?? 0) ? [`${needs.vcpus} vCPUs (has ${facts.ncpu})`] : []),
    ...(needs.root && facts.uid !== 0 ? ["root"] : []),
  ];
}

/** Bytes for people: `1.5 GiB`, `512 MiB`. */
export function formatBytes(bytes: number): string {
  const gibs = bytes / gib;
  if (gibs < 1) return `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return `${gibs < 100 ? Number(gibs.toPrecision(3)) : Math.round(gibs)} GiB`;
}
