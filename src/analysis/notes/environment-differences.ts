// Finds differences between two sides beside the CPU: system, kernel, C library, compiler and the libraries that are
// timed.
//
// Each row that depends on such a version gets a note. The note does not say whether the difference matters.

import type { Facts } from "../../domain/run/machine.ts";
import type { SideFacts } from "./cpu-features.ts";

/** A row, and all implementations of its suite. */
export interface AffectedRow {
  readonly suite: string;
  readonly impl: string;
  readonly driver: string;
  readonly impls: readonly string[];
}

/** Returns a note for each difference that affects `row`: `OS differs: Debian 12 on a, Ubuntu 24.04 on b`. */
export function environmentDifferences(row: AffectedRow, baseline: SideFacts, contender: SideFacts): string[] {
  return [...everyRows, ...suiteVersions(row, [...baseline.facts, ...contender.facts])].flatMap(({ name, of }) => {
    const [here, there] = [values(baseline, of), values(contender, of)];
    // A version that one side does not report cannot be compared.
    if (here === undefined || there === undefined || here === there) return [];
    return [`${name} differs: ${here} on ${baseline.side}, ${there} on ${contender.side}`];
  });
}

interface Version {
  readonly name: string;
  readonly of: (facts: Facts) => string | undefined;
}

const everyRows: readonly Version[] = [
  { name: "OS", of: ({ os }) => os },
  { name: "kernel", of: ({ uname, release }) => `${uname} ${release}` },
  { name: "C library", of: ({ libc }) => libc },
];

/** Returns the versions from the setup of the row's suite that the row depends on. */
function suiteVersions(row: AffectedRow, facts: readonly Facts[]): Version[] {
  const names = new Set(facts.flatMap(({ suites }) => Object.keys(suites[row.suite] ?? {})));
  return [...names]
    .filter((name) => affects(name, row))
    .sort(byCode)
    .map((name) => ({
      name: name.replaceAll("_", " "),
      of: ({ suites }) => suites[row.suite]?.[name],
    }));
}

/**
 * Whether the fact `name` is a version that `row` depends on. A name that ends with an implementation
 * (`compiler.portable-c`) belongs to that implementation. `compiler` and `compiler_flags`, of the compiler of our own
 * programs, belong to the driver `c`. A name that begins like an implementation (`openssl_version`) belongs to that
 * one. Any other belongs to all rows, such as `compiler_version`: that compiler is a part of the timed work.
 */
function affects(name: string, { impl, driver, impls }: AffectedRow): boolean {
  const [, what = "", of] =
    /^((?:compiler|compiler_flags|[a-z0-9_]+_version|[a-z0-9_]+_sha256))(?:\.(.+))?$/.exec(name) ?? [];
  if (what === "") return false;
  if (of !== undefined) return of === impl;
  if (what === "compiler" || what === "compiler_flags") return driver === "c";
  const begins = (implementation: string): boolean => implementation.split("-")[0] === what.split("_")[0];
  return begins(impl) || !impls.some(begins);
}

/** Returns the distinct values of a side; undefined where a machine does not report one or there is no machine. */
function values({ facts }: SideFacts, of: Version["of"]): string | undefined {
  const reported = facts.map(of);
  if (reported.length === 0 || reported.includes(undefined)) return undefined;
  return [...new Set(reported)].toSorted(byCode).join(" and ");
}

function byCode(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
