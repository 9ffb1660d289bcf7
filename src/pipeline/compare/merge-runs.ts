// Merges stored runs into one table. Nothing is pooled: sides or machines of one name in two runs stay two, and rows of
// one name stay two where their work differs.

import { TimetrialError } from "../../domain/errors.ts";
import type { Plan, PlannedRow, PlannedSuite } from "../../domain/plan/plan.ts";
import { RecordColumns } from "../../domain/records/record-columns.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { quoteForMessage, type Side } from "../../domain/plan/side.ts";
import type { StoredRun } from "../../ports/results.ts";
import { runDifferences } from "./run-differences.ts";
import type { LabelledRun, RunInTable, TableInput } from "./table-input.ts";

/**
 * Merges `runs` into one table. Returns a single run without a label as it is.
 *
 * @throws TimetrialError USAGE where a run is given twice, or two runs have one label
 *
 * @example
 * import { mergeRuns } from "timetrial";
 * import { resultFolders } from "timetrial/adapters";
 *
 * const results = resultFolders("results"); const [before, after] = await
 * Promise.all([results.load("20261124-031500-3fa9"), results.load("20261125-031500-77b0")]); const table = mergeRuns([{
 * label: "before", run: before }, { label: "after", run: after }]); console.log(table.plan.spec.sides.map(({ name }) =>
 * name));
 */
export function mergeRuns(runs: readonly LabelledRun[]): TableInput {
  const [first, ...others] = runs;
  if (first === undefined) throw new Error("no run to show");
  if (others.length === 0 && first.label === undefined) return first.run;
  refuseSameRunTwice(runs);
  const tags = tagsOf(runs);
  const sources = runs.map((run, i) => renamed(run, tags[i] as string, runs));
  const { plan } = sources[0] as RunInTable;
  return {
    plan: {
      ...plan,
      spec: {
        ...plan.spec,
        sides: withoutDuplicates(sources.flatMap((source) => source.plan.spec.sides)),
        suites: sources.flatMap((source) => source.plan.spec.suites),
      },
      suites: sources.map((source) => source.plan.suites).reduce(joinedSuites),
    },
    records: RecordColumns.joined(sources.map((source) => source.records)),
    machines: sources.flatMap((source) => source.machines),
    sources,
    differences: runDifferences(sources),
  };
}

function refuseSameRunTwice(runs: readonly LabelledRun[]): void {
  const names = runs.map(({ run }) => run.plan.run);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TimetrialError("USAGE", `the run ${quoteForMessage(twice)} is given twice`, {
    hint: "a run's runs count once: name another run, or one alone",
  });
}

/**
 * Returns a tag for each run: its label, else the last part of its name, or all of it where the last parts are equal.
 */
function tagsOf(runs: readonly LabelledRun[]): string[] {
  const short = runs.map(({ label, run }) => label ?? (run.plan.run.split("-").at(-1) as string));
  const tags = new Set(short).size === short.length ? short : runs.map(({ label, run }) => label ?? run.plan.run);
  const twice = tags.find((tag, i) => tags.indexOf(tag) !== i);
  if (twice === undefined) return tags;
  throw new TimetrialError("USAGE", `two runs are called ${quoteForMessage(twice)}`, {
    hint: "give them labels that differ",
  });
}

/** Returns the run with names that are unique among `runs`. Published sides belong to no run, and keep their names. */
function renamed({ label, run }: LabelledRun, tag: string, runs: readonly LabelledRun[]): RunInTable {
  const others = runs.filter((other) => other.run !== run).map((other) => other.run);
  const own = run.plan.spec.sides.filter(({ kind }) => kind !== "published");
  const clash = (taken: (other: StoredRun) => readonly string[], name: string): boolean =>
    others.some((other) => taken(other).includes(name));
  const sideOf = (name: string): string => {
    if (!own.some((side) => side.name === name)) return name;
    if (label !== undefined) return own.length === 1 ? label : `${name} (${label})`;
    return clash(({ plan }) => plan.spec.sides.map((side) => side.name), name) ? `${name} (${tag})` : name;
  };
  const machineOf = (name: string): string =>
    clash(({ machines }) => machines.map((machine) => machine.name), name) ? `${name} (${tag})` : name;
  const rowOf = (suite: string, row: PlannedRow): string =>
    others.some((other) => isDifferentWork(suite, row, other.plan)) ? `${row.name}-${tag}` : row.name;
  const rows = new Map(
    run.plan.suites.flatMap((suite) => suite.rows.map((row) => [`${suite.name}/${row.name}`, rowOf(suite.name, row)])),
  );
  return {
    ...run,
    tag,
    plan: {
      ...run.plan,
      spec: {
        ...run.plan.spec,
        sides: run.plan.spec.sides.map((side): Side => ({ ...side, name: sideOf(side.name) })),
        baseline: sideOf(run.plan.spec.baseline),
      },
      suites: run.plan.suites.map((suite) => ({
        ...suite,
        rows: suite.rows.map((row) => ({ ...row, name: rowOf(suite.name, row) })),
      })),
    },
    machines: run.machines.map((machine) => ({ ...machine, name: machineOf(machine.name) })),
    ...(run.ledger === undefined
      ? {}
      : {
          ledger: run.ledger.map((entry) => (entry.kind === "intent" ? { ...entry, side: sideOf(entry.side) } : entry)),
        }),
    ...(run.prices === undefined
      ? {}
      : {
          prices: { ...run.prices, prices: run.prices.prices.map((price) => ({ ...price, side: sideOf(price.side) })) },
        }),
    records: RecordColumns.from(
      renamedRecords(run.records, ({ suite, row, side, machine }) => ({
        side: sideOf(side),
        machine: machineOf(machine),
        row: rows.get(`${suite}/${row}`) ?? row,
      })),
    ),
  };
}

type Names = Pick<TrialRecord, "suite" | "row" | "side" | "machine">;

function* renamedRecords(
  records: Iterable<TrialRecord>,
  rename: (names: Names) => Omit<Names, "suite">,
): Generator<TrialRecord> {
  // Names repeat: each combination is renamed once.
  const known = new Map<string, Omit<Names, "suite">>();
  for (const record of records) {
    const key = JSON.stringify([record.suite, record.row, record.side, record.machine]);
    const names = known.get(key) ?? rename(record);
    known.set(key, names);
    yield { ...record, ...names };
  }
}

/** Whether `other` has the row with another title, such as cmd-1 with another command. */
function isDifferentWork(suite: string, row: PlannedRow, other: Plan): boolean {
  const rows = other.suites.find(({ name }) => name === suite)?.rows ?? [];
  return rows.some(({ name, impl, title }) => name === row.name && impl === row.impl && title !== row.title);
}

function withoutDuplicates(sides: readonly Side[]): Side[] {
  return sides.filter(({ name }, i) => sides.findIndex((side) => side.name === name) === i);
}

/** Returns all suites of `a` and `b`, each with the rows of both, in order. */
function joinedSuites(a: readonly PlannedSuite[], b: readonly PlannedSuite[]): PlannedSuite[] {
  const names = [...new Set([...a, ...b].map(({ name }) => name))];
  return names.map((name) => {
    const [first, second] = [a, b].map((suites) => suites.find((suite) => suite.name === name));
    if (first === undefined || second === undefined) return (first ?? second) as PlannedSuite;
    const known = new Set(first.rows.map(({ name: row, impl }) => `${row}/${impl}`));
    return { ...first, rows: [...first.rows, ...second.rows.filter((row) => !known.has(`${row.name}/${row.impl}`))] };
  });
}
