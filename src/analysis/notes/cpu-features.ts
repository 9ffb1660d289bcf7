// Finds CPU features that may explain a difference on a row: those that matter by its manifest and that one side lacks.
//
// Sides are compared within one architecture only. A feature counts as present where the timed library itself reports
// it (a suite's `features.IMPL` fact), else where the kernel lists it.

import type { Facts } from "../../domain/run/machine.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";

/** A feature that one side has and the other lacks. */
export interface FeatureDifference {
  readonly instruction: string;
  readonly on: string;
  readonly not_on: string;
  /** Variables of the machines without the feature that may mask it: `OPENSSL_ia32cap=…`. */
  readonly masked_by: readonly string[];
}

export interface SideFacts {
  readonly side: string;
  /** Facts of each machine of the side. */
  readonly facts: readonly Facts[];
}

/** Returns the features that may explain a difference of the row between the sides; empty where there are none. */
export function featureDifferences(
  suite: Pick<PlannedSuite, "name">,
  row: { readonly impl: string; readonly instructions: readonly string[] },
  baseline: SideFacts,
  contender: SideFacts,
): FeatureDifference[] {
  const arch = onlyArch([...baseline.facts, ...contender.facts]);
  if (arch === undefined) return [];
  const words = row.instructions.flatMap((text) => {
    const [of, word] = text.split(":");
    return of === arch && word !== undefined ? [word] : [];
  });
  return words.flatMap((word) => {
    const here = everywhere(baseline.facts, suite.name, row.impl, word);
    const there = everywhere(contender.facts, suite.name, row.impl, word);
    if (here === undefined || there === undefined || here === there) return [];
    const [has, lacks] = here ? [baseline, contender] : [contender, baseline];
    return [{ instruction: word, on: has.side, not_on: lacks.side, masked_by: maskedBy(lacks, has) }];
  });
}

function onlyArch(facts: readonly Facts[]): string | undefined {
  const found = new Set(facts.map(({ arch }) => (arch === "arm64" ? "aarch64" : arch === "amd64" ? "x86_64" : arch)));
  return found.size === 1 ? [...found][0] : undefined;
}

/**
 * Returns true where all machines have `word`, false where all lack it; undefined where they differ or it is not known.
 */
function everywhere(facts: readonly Facts[], suite: string, impl: string, word: string): boolean | undefined {
  const found = new Set(facts.map((machine) => features(machine, suite, impl)?.has(word)));
  return found.size === 1 ? [...found][0] : undefined;
}

function features(facts: Facts, suite: string, impl: string): Set<string> | undefined {
  const reported = facts.suites[suite]?.[`features.${impl}`];
  if (reported !== undefined) return new Set(reported.split(","));
  if (facts.cpu_flags === undefined) return undefined;
  const flags = new Set(facts.cpu_flags.split(/[\s,]+/));
  // Nothing on the machine could query the library itself: take what the kernel lists, less what the machine masks.
  if (impl.startsWith("openssl") && hidesSha(facts.machine_env["OPENSSL_ia32cap"])) flags.delete("sha_ni");
  return flags;
}

/** Whether the mask clears SHA-NI: bit 29 of the second word (OPENSSL_ia32cap(3)). */
function hidesSha(mask: string | undefined): boolean {
  const [, bits] = /^[^:]*:~(0x[0-9a-fA-F]{1,16})/.exec(mask ?? "") ?? [];
  return bits !== undefined && (BigInt(bits) & (1n << 29n)) !== 0n;
}

function maskedBy(lacks: SideFacts, has: SideFacts): string[] {
  const declared = (side: SideFacts): Set<string> =>
    new Set(
      side.facts.flatMap((machine) => Object.entries(machine.machine_env).map(([name, value]) => `${name}=${value}`)),
    );
  const others = declared(has);
  return [...declared(lacks)].filter((line) => line.startsWith("OPENSSL_") && !others.has(line)).sort();
}
