// Published figures as sides beside what was measured, or alone.

import { TimetrialError } from "../../domain/errors.ts";
import type { Plan, PlannedRow, PlannedSuite, Spec } from "../../domain/plan/plan.ts";
import type { AnyRecord, PublishedRecord, PublishedSide } from "../../domain/published/figures.ts";
import type { Side } from "../../domain/plan/side.ts";
import type { SuiteSelection } from "../../domain/plan/suite.ts";
import type { TableInput } from "./table-input.ts";

/** A published side, and what the table calls it. */
export interface PublishedInput {
  readonly side: Extract<Side, { kind: "published" }>;
  readonly figures: PublishedSide;
}

/**
 * `shown` with `published` as sides, each with those rows that fit `choices`, or all.
 *
 * @throws TimetrialError USAGE where one has no row that fits
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
  shown: TableInput,
  published: readonly PublishedInput[],
  choices: readonly SuiteSelection[] | undefined,
): TableInput {
  if (published.length === 0) return shown;
  const chosen = published
    .map(({ side, figures }) => ({ side, figures: inOurWords(figures, choices) }))
    .map((one) => ({ ...one, records: chosenOf(one, choices) }));
  const { plan } = shown;
  const there = new Set(plan.spec.sides.map(({ name }) => name));
  const added = published.map(({ side }) => side).filter(({ name }) => !there.has(name));
  const records = chosen.flatMap((one) =>
    one.records.map((record) => asOurs(named(record, one.side.name), shown.records)),
  );
  return {
    ...shown,
    plan: {
      ...plan,
      spec: { ...plan.spec, sides: [...plan.spec.sides, ...added] },
      suites: chosen.reduce((suites, one) => withRows(suites, one.figures, one.records), plan.suites),
    },
    records: [...shown.records, ...records],
    published: chosen.map(({ side, figures }) => ({ name: side.name, figures })),
  };
}

/**
 * Nothing measured: what a table of published figures alone starts from.
 *
 * @example
 * import { emptyTable, type Spec } from "timetrial";
 *
 * export const start = (spec: Spec) =>
 *   emptyTable(spec, { run: "article", tool_version: "0.1.0", created_at: "2026-11-24T00:00:00.000Z" });
 */
export function emptyTable(spec: Spec, occasion: Pick<Plan, "run" | "tool_version" | "created_at">): TableInput {
  return {
    plan: { schema: 1, ...occasion, spec, agent_digest: "", suites: [] },
    records: [],
    machines: [],
    sources: [],
  };
}

/** `figures` with those rows renamed that were measured under a name of our own, so that they stand beside those. */
function inOurWords(figures: PublishedSide, choices: readonly SuiteSelection[] = []): PublishedSide {
  const renamed = <Row extends { readonly suite: string; readonly row: string; readonly impl: string }>(
    one: Row,
  ): Row => {
    const title = figures.titles.find(
      ({ suite, row, impl }) => suite === one.suite && row === one.row && impl === one.impl,
    );
    const [suite, row] = title?.ours?.split("/") ?? [];
    const measured = choices.some((choice) => choice.suite === suite && (choice.row ?? row) === row);
    return suite === undefined || row === undefined || !measured ? one : { ...one, suite, row };
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
      // Whatever its implementation: what is not the same work becomes a row of its own.
      choices.some(({ suite, row = record.row }) => suite === record.suite && row === record.row),
  );
  if (found.length > 0) return found;
  const wanted = (choices ?? []).map(({ suite, row }) => (row === undefined ? suite : `${suite}/${row}`));
  throw new TimetrialError("USAGE", `side ${side.name}: nothing was published on ${[...new Set(wanted)].join(", ")}`, {
    hint: `there is ${[...new Set(figures.records.map(({ suite, row }) => `${suite}/${row}`))].join(", ")}`,
  });
}

/** A side is one machine, of which nothing is known but its type. */
function named(record: PublishedRecord, side: string): PublishedRecord {
  return { ...record, side, machine: side, host_id: `published: ${side}` };
}

/**
 * `record` with the parameters of our own row that it is the same work as: where all that the source tells of them
 * agrees, and the work too, what it does not tell (which driver was asked for) is no reason to keep them apart.
 */
function asOurs(record: PublishedRecord, ours: readonly AnyRecord[]): PublishedRecord {
  const like = ours.find(
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

/** `suites` with a row for each of `records` that has none yet. */
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
    if (suite.rows.some((one) => one.name === row && one.impl === impl)) continue;
    const title = titles.find((one) => one.suite === name && one.row === row && one.impl === impl)?.title;
    joined.set(name, { ...suite, rows: [...suite.rows, publishedRow(row, impl, title)] });
  }
  return [...joined.values()];
}

function publishedRow(name: string, impl: string, title: string | undefined): PlannedRow {
  const plain = { name, impl, runs: 1, warmup: 0, limit_s: 0, instructions: [], os: [] };
  return title === undefined || title === name ? plain : { ...plain, title };
}
