// Loads what `report` and `compare` print: stored runs and published figures.

import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { publishedSides, type RequestedPublishedSide } from "../../domain/plan/published-sides.ts";
import { labelPattern, parseSide, type Side } from "../../domain/plan/side.ts";
import { addPublished, emptyTable, type PublishedInput } from "../../pipeline/compare/add-published.ts";
import { mergeRuns } from "../../pipeline/compare/merge-runs.ts";
import { type LabelledRun } from "../../pipeline/compare/table-input.ts";
import { type TableInput } from "../../pipeline/compare/table-input.ts";
import type { Results, StoredRun } from "../../ports/results.ts";
import { openPublished } from "../wiring.ts";

interface Inputs {
  readonly runs: readonly LabelledRun[];
  readonly published: readonly RequestedPublishedSide[];
}

/**
 * Loads the input of one table. Each of `texts` is `RUN`, `LABEL=RUN`, or published figures as `compare` takes them.
 */
export async function loadTableInput(
  texts: readonly string[],
  results: Results,
  identity: Identity,
): Promise<TableInput> {
  const { runs, published } = await loadInputs(texts, results);
  if (runs.length === 0) return await publishedTableInput(published, undefined, identity);
  return await addPublishedSides(mergeRuns(runs), published);
}

/** Adds to `shown` the published sides that its plan names, and those of `more`. @throws TimetrialError PUBLISHED_UNKNOWN, USAGE */
export async function addPublishedSides(
  shown: TableInput,
  more: readonly RequestedPublishedSide[] = [],
): Promise<TableInput> {
  const { spec } = shown.plan;
  const own = publishedSides(spec.sides);
  const isOwn = (side: RequestedPublishedSide): boolean =>
    own.some(({ name, of }) => name === side.name && of === side.of);
  const sides = [...own, ...more.filter((side) => !isOwn(side))];
  refuseDuplicateNames([...spec.sides.filter(({ kind }) => kind !== "published"), ...sides]);
  return addPublished(shown, await loadFigures(sides), spec.suites);
}

/** Builds a table of published figures alone: of the chosen suites, or of all. */
export async function publishedTableInput(
  sides: readonly RequestedPublishedSide[],
  choices: TableInput["plan"]["spec"]["suites"] | undefined,
  identity: Identity,
): Promise<TableInput> {
  refuseDuplicateNames(sides);
  const spec: Spec = { ...nothing, suites: [], sides: [...sides], baseline: sides[0]?.name ?? "" };
  return addPublished(emptyTable(spec, identity), await loadFigures(sides), choices);
}

type Identity = Parameters<typeof emptyTable>[1];

const nothing = {
  machines: 0,
  seed: "",
  params: {},
  cloud: "aws",
  max_hours: 0,
  allow_burstable: false,
} as const;

async function loadInputs(texts: readonly string[], results: Results): Promise<Inputs> {
  const runs: LabelledRun[] = [];
  const published: RequestedPublishedSide[] = [];
  for (const text of texts) {
    const { label, rest } = splitLabel(text);
    if (rest.startsWith("published:")) published.push(...publishedSides([parseSide(text)]));
    else runs.push(await loadLabelledRun(label, rest, results));
  }
  return { runs, published };
}

async function loadLabelledRun(label: string | undefined, rest: string, results: Results): Promise<LabelledRun> {
  const run: StoredRun = await results.load(rest);
  return label === undefined ? { run } : { label, run };
}

/** Returns whether `text` is LABEL=RUN. */
export function isLabelled(text: string): boolean {
  return splitLabel(text).label !== undefined;
}

function splitLabel(text: string): { label?: string; rest: string } {
  const [, label = "", rest = ""] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  return labelPattern.test(label) ? { label, rest } : { rest: text };
}

export async function loadFigures(sides: readonly RequestedPublishedSide[]): Promise<PublishedInput[]> {
  if (sides.length === 0) return [];
  const published = await openPublished();
  return await Promise.all(sides.map(async (side) => ({ side, figures: await published.load(side.of) })));
}

function refuseDuplicateNames(sides: readonly Side[]): void {
  const names = sides.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TimetrialError("USAGE", `two sides are called ${JSON.stringify(twice)}`, {
    hint: `give one a label: other=${twice}`,
  });
}
