// What else differs between two sides than the CPU: system, kernel, C library, compiler and the libraries that are timed.
//
// A note on each row that it touches, and no word on whether it matters.

import type { Facts } from "../../domain/run/machine.ts";
import type { SideFacts } from "./cpu-features.ts";

/** A row, and the implementations that its suite has beside its own. */
export interface AffectedRow {
  readonly suite: string;
  readonly impl: string;
  readonly driver: string;
  readonly impls: readonly string[];
}

/** `OS differs: Debian 12 on a, Ubuntu 24.04 on b`, for each thing that differs and touches `row`. */
export function environmentDifferences(row: AffectedRow, baseline: SideFacts, contender: SideFacts): string[] {
  return [...everyRows, ...suiteVersions(row, [...baseline.facts, ...contender.facts])].flatMap(({ name, of }) => {
    const [here, there] = [values(baseline, of), values(contender, of)];
    // What one side does not say cannot be said to differ.
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

/** The versions that the setup of the row's suite told, those that the row depends on. */
function suiteVersions(row: AffectedRow, facts: readonly Facts[]): Version[] {
  const names = new Set(facts.flatMap(({ suites }) => Object.keys(suites[row.suite] ?? {})));
  return [...names]
    .filter((name) => touches(name, row))
    .sort(byCode)
    .map((name) => ({
      name: name.replaceAll("_", " "),
      of: ({ suites }) => suites[row.suite]?.[name],
    }));
}

/**
 * Whether a fact of this name is a version that `row` depends on: by the implementation at its end
 * (`compiler.portable-c`); that of the compiler that made a program of ours by the driver; one that begins as implementations do (`openssl_version`) is
 * theirs; any other is all rows': so is a `compiler_version`, of the compiler that is put to work by what is timed.
 */
function touches(name: string, { impl, driver, impls }: AffectedRow): boolean {
  const [, what = "", of] =
    /^((?:compiler|compiler_flags|[a-z0-9_]+_version|[a-z0-9_]+_sha256))(?:\.(.+))?$/.exec(name) ?? [];
  if (what === "") return false;
  if (of !== undefined) return of === impl;
  if (what === "compiler" || what === "compiler_flags") return driver === "c";
  const begins = (one: string): boolean => one.split("-")[0] === what.split("_")[0];
  return begins(impl) || !impls.some(begins);
}

/** Undefined where a machine does not say it, or there is none. */
function values({ facts }: SideFacts, of: Version["of"]): string | undefined {
  const said = facts.map(of);
  if (said.length === 0 || said.includes(undefined)) return undefined;
  return [...new Set(said)].toSorted(byCode).join(" and ");
}

function byCode(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
