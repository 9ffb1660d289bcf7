// Why a row may differ: the CPU features that its suite says matter, where exactly those differ between two sides.
//
// Within one architecture only, and nothing is claimed that the facts do not show: a feature counts as there when the
// timed library itself says so (a suite's `features.IMPL` fact), else when the kernel lists it.

import type { Facts } from "../../domain/run/machine.ts";
import type { PlannedSuite } from "../../domain/plan/plan.ts";

/** A feature that one side has and the other lacks. */
export interface FeatureDifference {
  readonly instruction: string;
  readonly on: string;
  readonly not_on: string;
  /** Variables that the machines of the side without it set themselves: `OPENSSL_ia32cap=…`. */
  readonly masked_by: readonly string[];
}

export interface SideFacts {
  readonly side: string;
  /** Of each of its machines. */
  readonly facts: readonly Facts[];
}

/** What explains a difference of the row between `baseline` and `contender`; empty where nothing does. */
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

/** Whether all machines have `word` (true) or all lack it (false); undefined where they differ or nothing is known. */
function everywhere(facts: readonly Facts[], suite: string, impl: string, word: string): boolean | undefined {
  const answers = new Set(facts.map((one) => features(one, suite, impl)?.has(word)));
  return answers.size === 1 ? [...answers][0] : undefined;
}

function features(facts: Facts, suite: string, impl: string): Set<string> | undefined {
  const said = facts.suites[suite]?.[`features.${impl}`];
  if (said !== undefined) return new Set(said.split(","));
  if (facts.cpu_flags === undefined) return undefined;
  const flags = new Set(facts.cpu_flags.split(/[\s,]+/));
  // Where nothing on the machine could ask the library itself: what the kernel lists, less what the machine hides.
  if (impl.startsWith("openssl") && hidesSha(facts.machine_env["OPENSSL_ia32cap"])) flags.delete("sha_ni");
  return flags;
}

/** Whether a mask clears SHA-NI: bit 29 of the second word (OPENSSL_ia32cap(3)). */
function hidesSha(mask: string | undefined): boolean {
  const [, bits] = /^[^:]*:~(0x[0-9a-fA-F]{1,16})/.exec(mask ?? "") ?? [];
  return bits !== undefined && (BigInt(bits) & (1n << 29n)) !== 0n;
}

function maskedBy(lacks: SideFacts, has: SideFacts): string[] {
  const declared = (side: SideFacts): Set<string> =>
    new Set(side.facts.flatMap((one) => Object.entries(one.machine_env).map(([name, value]) => `${name}=${value}`)));
  const others = declared(has);
  return [...declared(lacks)].filter((line) => line.startsWith("OPENSSL_") && !others.has(line)).sort();
}
