// What `report` and `compare` were given to show, fetched: stored runs, and published figures.

import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { labelPattern, parseSide, type Side } from "../../domain/plan/side.ts";
import { addPublished, emptyTable, type PublishedInput } from "../../pipeline/compare/add-published.ts";
import { mergeRuns } from "../../pipeline/compare/merge-runs.ts";
import { type LabelledRun } from "../../pipeline/compare/table-input.ts";
import { type TableInput } from "../../pipeline/compare/table-input.ts";
import type { Results, StoredRun } from "../../ports/results.ts";
import { openPublished } from "../wiring.ts";

type PublishedAsked = Extract<Side, { kind: "published" }>;

interface Asked {
  readonly runs: readonly LabelledRun[];
  readonly published: readonly PublishedAsked[];
}

/** The table of `texts`: runs as `RUN` or `LABEL=RUN`, published figures as in `compare`. */
export async function loadTableInput(
  texts: readonly string[],
  results: Results,
  occasion: Occasion,
): Promise<TableInput> {
  const { runs, published } = await fetched(texts, results);
  if (runs.length === 0) return await publishedTableInput(published, undefined, occasion);
  return await addPublishedSides(mergeRuns(runs), published);
}

/** `shown` with the published sides that it names itself, and `more`. @throws TimetrialError PUBLISHED_UNKNOWN, USAGE */
export async function addPublishedSides(shown: TableInput, more: readonly PublishedAsked[] = []): Promise<TableInput> {
  const { spec } = shown.plan;
  const own = publishedSides(spec.sides);
  const isOwn = (side: PublishedAsked): boolean => own.some(({ name, of }) => name === side.name && of === side.of);
  const sides = [...own, ...more.filter((side) => !isOwn(side))];
  refuseTwins([...spec.sides.filter(({ kind }) => kind !== "published"), ...sides]);
  return addPublished(shown, await figuresOf(sides), spec.suites);
}

/** Published figures and nothing else: of the chosen suites, or all. */
export async function publishedTableInput(
  sides: readonly PublishedAsked[],
  choices: TableInput["plan"]["spec"]["suites"] | undefined,
  occasion: Occasion,
): Promise<TableInput> {
  refuseTwins(sides);
  const spec: Spec = { ...nothing, suites: [], sides: [...sides], baseline: sides[0]?.name ?? "" };
  return addPublished(emptyTable(spec, occasion), await figuresOf(sides), choices);
}

export function publishedSides(sides: readonly Side[]): PublishedAsked[] {
  return sides.filter((side): side is PublishedAsked => side.kind === "published");
}

type Occasion = Parameters<typeof emptyTable>[1];

const nothing = {
  machines: 0,
  seed: "",
  params: {},
  cloud: "aws",
  max_hours: 0,
  allow_burstable: false,
} as const;

async function fetched(texts: readonly string[], results: Results): Promise<Asked> {
  const runs: LabelledRun[] = [];
  const published: PublishedAsked[] = [];
  for (const text of texts) {
    const { label, rest } = labelled(text);
    if (rest.startsWith("published:")) published.push(...publishedSides([parseSide(text)]));
    else runs.push(await given(label, rest, results));
  }
  return { runs, published };
}

async function given(label: string | undefined, rest: string, results: Results): Promise<LabelledRun> {
  const run: StoredRun = await results.load(rest);
  return label === undefined ? { run } : { label, run };
}

/** Whether `text` is LABEL=RUN. */
export function isLabelled(text: string): boolean {
  return labelled(text).label !== undefined;
}

function labelled(text: string): { label?: string; rest: string } {
  const [, label = "", rest = ""] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  return labelPattern.test(label) ? { label, rest } : { rest: text };
}

async function figuresOf(sides: readonly PublishedAsked[]): Promise<PublishedInput[]> {
  if (sides.length === 0) return [];
  const published = await openPublished();
  return await Promise.all(sides.map(async (side) => ({ side, figures: await published.load(side.of) })));
}

function refuseTwins(sides: readonly Side[]): void {
  const names = sides.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TimetrialError("USAGE", `two sides are called ${JSON.stringify(twice)}`, {
    hint: `give one a label: other=${twice}`,
  });
}
