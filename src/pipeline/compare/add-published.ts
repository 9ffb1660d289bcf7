// Adds published figures to a table as sides, beside measured ones or alone.

import { TimetrialError } from "../../domain/errors.ts";
import type { Plan, PlannedRow, PlannedSuite, Spec } from "../../domain/plan/plan.ts";
import { RecordColumns } from "../../domain/records/record-columns.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import type { AnyRecord, PublishedRecord, PublishedSide } from "../../domain/published/figures.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { SuiteSelection } from "../../domain/plan/suite.ts";
import type { TableInput } from "./table-input.ts";

/** A published side, with its name in the table. */
export interface PublishedInput {
  readonly side: Extract<Side, { kind: "published" }>;
  readonly figures: PublishedSide;
}

/**
 * Returns `table` with the sides `published` added. Each has the rows that `choices` select, or all rows without them.
 *
 * @throws TimetrialError USAGE where a side has no such row
 * @example
 * import { addPublished, parseSide, type TableInput } from "timetrial";
 * import { publishedFolder } from "timetrial/adapters";
 *
 * export async function besideArticle(table: TableInput): Promise<TableInput> {
 *   const side = parseSide("published:c7g.8xlarge");
 *   if (side.kind !== "published") return table;
 *   return addPublished(table, [{ side, figures: await publishedFolder().load(side.of) }], undefined);
 * }
 */
export function addPublished(
  table: TableInput,
  published: readonly PublishedInput[],
  choices: readonly SuiteSelection[] | undefined,
): TableInput {
  if (published.length === 0) return table;
  const chosen = published
    .map(({ side, figures }) => ({ side, figures: withMeasuredNames(figures, choices) }))
    .map((input) => ({ ...input, records: chosenOf(input, choices) }));
  const { plan } = table;
  const taken = new Set(plan.spec.sides.map(({ name }) => name));
  const added = published.map(({ side }) => side).filter(({ name }) => !taken.has(name));
  const measured = oneOfEachWork(table.records);
  const records = chosen.flatMap((input) =>
    input.records.map((record) => withMeasuredParams(named(record, input.side.name), measured)),
  );
  return {
    ...table,
    plan: {
      ...plan,
      spec: { ...plan.spec, sides: [...plan.spec.sides, ...added] },
      suites: chosen.reduce((suites, input) => withRows(suites, input.figures, input.records), plan.suites),
    },
    records: RecordColumns.joined<AnyRecord>([table.records, records]),
    published: chosen.map(({ side, figures }) => ({ name: side.name, figures })),
  };
}

/** Returns the first completed record of each work with each driver and parameters. */
function oneOfEachWork(records: Iterable<AnyRecord>): TrialRecord[] {
  const found = new Map<string, TrialRecord>();
  for (const record of records) {
    if (record.status !== "completed") continue;
    const { suite, row, impl, driver, params, work_id } = record;
    const key = JSON.stringify([suite, row, impl, driver, params, work_id]);
    if (!found.has(key)) found.set(key, record);
  }
  return [...found.values()];
}

/**
 * Returns a table without measurements, to which published figures are added.
 *
 * @example
 * import { emptyTable, type Spec } from "timetrial";
 *
 * export const start = (spec: Spec) =>
 *   emptyTable(spec, { run: "article", tool_version: "0.1.0", created_at: "2026-11-24T00:00:00.000Z" });
 */
export function emptyTable(spec: Spec, identity: Pick<Plan, "run" | "tool_version" | "created_at">): TableInput {
  return {
    plan: { schema: 1, ...identity, spec, agent_digest: "", suites: [] },
    records: [],
    machines: [],
    sources: [],
  };
}

/**
 * Returns `figures` with rows under our names where we measured the same work, so that both share a row of the table.
 */
function withMeasuredNames(figures: PublishedSide, choices: readonly SuiteSelection[] = []): PublishedSide {
  const renamed = <Row extends { readonly suite: string; readonly row: string; readonly impl: string }>(
    figure: Row,
  ): Row => {
    const title = figures.titles.find(
      ({ suite, row, impl }) => suite === figure.suite && row === figure.row && impl === figure.impl,
    );
    const [suite, row] = title?.ours?.split("/") ?? [];
    const measured = choices.some((choice) => choice.suite === suite && (choice.row ?? row) === row);
    return suite === undefined || row === undefined || !measured ? figure : { ...figure, suite, row };
  };
  return {
    ...figures,
    records: figures.records.map(renamed),
    titles: figures.titles.map(renamed),
    remarks: figures.remarks.map(renamed),
  };
}

function chosenOf(
  { side, figures }: PublishedInput,
  choices: readonly SuiteSelection[] | undefined,
): PublishedRecord[] {
  const found = figures.records.filter(
    (record) =>
      choices === undefined ||
      // Implementations are not compared here: other work becomes a row of its own.
      choices.some(({ suite, row = record.row }) => suite === record.suite && row === record.row),
  );
  if (found.length > 0) return found;
  const wanted = (choices ?? []).map(({ suite, row }) => (row === undefined ? suite : `${suite}/${row}`));
  throw new TimetrialError("USAGE", `side ${side.name}: nothing was published on ${[...new Set(wanted)].join(", ")}`, {
    hint: `there is ${[...new Set(figures.records.map(({ suite, row }) => `${suite}/${row}`))].join(", ")}`,
  });
}

/** Returns the record under the side's name. A published side counts as one machine. */
function named(record: PublishedRecord, side: string): PublishedRecord {
  return { ...record, side, machine: side, host_id: `published: ${side}` };
}

/**
 * Returns `record` with the parameters of our row for the same work. A row is the same work where its work id and all
 * parameters that the source gives agree. Parameters that the source does not give, such as the requested driver, do
 * not keep them apart.
 */
function withMeasuredParams(record: PublishedRecord, measured: readonly TrialRecord[]): PublishedRecord {
  const like = measured.find(
    (own) =>
      own.status === "completed" &&
      own.suite === record.suite &&
      own.row === record.row &&
      own.impl === record.impl &&
      own.driver === record.driver &&
      own.work_id === record.work_id &&
      Object.entries(record.params).every(([name, value]) => own.params[name] === value),
  );
  return like === undefined ? record : { ...record, params: like.params };
}

/** Returns `suites` with a row added for each of `records` that has none yet. */
function withRows(
  suites: readonly PlannedSuite[],
  { titles }: PublishedSide,
  records: readonly PublishedRecord[],
): PlannedSuite[] {
  const joined = new Map(suites.map((suite) => [suite.name, suite]));
  for (const { suite: name, row, impl } of records) {
    const suite = joined.get(name) ?? {
      name,
      title: name,
      version: "",
      digest: "",
      params: {},
      defaults: {},
      rows: [],
    };
    if (suite.rows.some((present) => present.name === row && present.impl === impl)) continue;
    const title = titles.find((entry) => entry.suite === name && entry.row === row && entry.impl === impl)?.title;
    joined.set(name, { ...suite, rows: [...suite.rows, publishedRow(row, impl, title)] });
  }
  return [...joined.values()];
}

function publishedRow(name: string, impl: string, title: string | undefined): PlannedRow {
  const plain = { name, impl, runs: 1, warmup: 0, limit_s: 0, instructions: [], os: [] };
  return title === undefined || title === name ? plain : { ...plain, title };
}
