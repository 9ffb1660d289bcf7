// Describes what differs between stored runs in one table: it may be the reason for a difference in time.

import type { Facts } from "../../domain/run/machine.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import type { RunInTable } from "./table-input.ts";

/** Returns a line for each property that is not the same in all of `sources`. */
export function runDifferences(sources: readonly RunInTable[]): string[] {
  const line = (what: string, of: (source: RunInTable) => string | undefined): string[] => {
    const values = sources.map((source) => of(source) ?? "none");
    if (new Set(values).size === 1) return [];
    return [`runs differ in ${what}: ${values.map((text, i) => `${text} in ${sources[i]?.tag}`).join(", ")}`];
  };
  const suites = [...new Set(sources.flatMap(({ plan }) => plan.suites.map(({ name }) => name)))];
  const suiteOf = (source: RunInTable, name: string) => source.plan.suites.find((suite) => suite.name === name);
  const params = (name: string): string[] => [
    ...new Set(sources.flatMap((source) => Object.keys(suiteOf(source, name)?.params ?? {}))),
  ];
  return [
    ...line("timetrial's version", ({ plan }) => plan.tool_version),
    ...line("agent", ({ plan }) => plan.agent_digest.slice(0, 12)),
    ...line("seed", ({ plan }) => (plan.spec.seed === plan.run ? "the run's name" : plan.spec.seed)),
    ...line("rounds", ({ plan }) => roundsOf(plan.spec)),
    ...line("suites", ({ plan }) => plan.suites.map(({ name }) => name).join(" and ")),
    ...suites
      .filter((name) => sources.every((source) => suiteOf(source, name) !== undefined))
      .flatMap((name) => [
        ...line(`what was uploaded`, (source) => suiteOf(source, name)?.upload?.slice(0, 12)),
        ...line(`suite ${name}`, (source) => suiteDigest(suiteOf(source, name))),
        ...params(name).flatMap((param) =>
          line(`${param} of ${name}`, (source) => suiteOf(source, name)?.params[param]),
        ),
      ]),
    ...line("image", ({ plan }) =>
      listed(plan.spec.sides.flatMap((side) => (side.kind === "ec2" ? [side.image] : []))),
    ),
    ...line("image id", (source) => ofFacts(source, ({ instance }) => instance?.image)),
    ...line("system", (source) => ofFacts(source, ({ os, uname }) => os ?? uname)),
    ...line("kernel", (source) => ofFacts(source, ({ release }) => release)),
    ...line("zone", (source) => ofFacts(source, ({ instance }) => instance?.zone)),
  ];
}

function roundsOf({ rounds, until }: Spec): string {
  const counted = String(rounds ?? "the rows' own");
  if (until === undefined) return counted;
  return `until ${"gate" in until ? "the gate is decided" : `${until.percent} %`}, at most ${counted}`;
}

function suiteDigest(suite: RunInTable["plan"]["suites"][number] | undefined): string | undefined {
  // The suite's digest changes with the upload's, which has a line of its own.
  if (suite?.upload !== undefined) return suite.version;
  return suite === undefined ? undefined : `${suite.version} (${suite.digest.slice(0, 12)})`;
}

function ofFacts({ machines }: RunInTable, of: (facts: Facts) => string | undefined): string | undefined {
  return listed(machines.flatMap(({ facts }) => of(facts) ?? []));
}

function listed(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : [...new Set(texts)].sort().join(" and ");
}
