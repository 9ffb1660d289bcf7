// Requirements of a suite that a machine does not meet. They are checked before anything is timed.

import type { Facts } from "./machine.ts";
import { type PlannedSuite, rowsForOs } from "../plan/plan.ts";

/** Share of the required memory that suffices: the kernel keeps some of a machine's 8 GiB for itself. */
const enough = 0.9;

const gib = 2 ** 30;

/** Returns the commands and packages that suites need, as arguments of `agent.sh facts`: `command:zstd`; each once. */
export function requiredTools(suites: readonly Pick<PlannedSuite, "needs">[]): string[] {
  const words = suites.flatMap(({ needs }) => [
    ...(needs?.commands ?? []).map((name) => `command:${name}`),
    ...(needs?.packages ?? []).map((name) => `package:${name}`),
  ]);
  return [...new Set(words)];
}

/**
 * Returns the requirements of `suite` that the machine of `facts` does not meet, in words: `command zstd`. Empty where
 * the suite can run. A fact that the machine could not determine counts as met.
 */
export function missingRequirements(suite: PlannedSuite, facts: Facts): string[] {
  if (suite.not_here !== undefined) return [suite.not_here];
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

/** Formats bytes for people: `1.5 GiB`, `512 MiB`. */
export function formatBytes(bytes: number): string {
  const gibs = bytes / gib;
  if (gibs < 1) return `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return `${gibs < 100 ? Number(gibs.toPrecision(3)) : Math.round(gibs)} GiB`;
}
