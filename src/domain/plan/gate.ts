// `--fail-if 'cpu slower than 3 %'`: what a comparison must not show (docs/gate.md). The limits as data, their text, and
// the rows that they are on. Whether a limit is kept is decided by src/analysis/gate/.

import * as v from "valibot";
import { defined } from "../defined.ts";
import { TimetrialError } from "../errors.ts";
import { text } from "../schema.ts";
import { quoteForMessage } from "./side.ts";
import { displayTitle } from "./user-command.ts";

const limitSchema = v.strictObject({
  /** A row by its name, or `geomean`; absent: every row. */
  of: v.exactOptional(text),
  metric: v.picklist(["real", "cpu"]),
  /** By how many percent a contender may take longer than the baseline. */
  slower_percent: v.pipe(v.number(), v.minValue(0), v.maxValue(1000)),
});

/** A limit on how much longer a contender may take than the baseline. */
export type GateLimit = Readonly<v.InferOutput<typeof limitSchema>>;

export const gateSchema = v.strictObject({
  limits: v.pipe(v.array(limitSchema), v.minLength(1)),
  /** What a gate that is not decided counts as; absent: it has an exit status of its own. */
  undecided: v.exactOptional(v.picklist(["pass", "fail"])),
});

/** Reads a gate from its result, which has more fields. */
export const looseGateSchema = v.object({
  limits: v.pipe(v.array(v.object(limitSchema.entries)), v.minLength(1)),
  undecided: gateSchema.entries.undecided,
});

/** Limits that a comparison is held to. */
export type Gate = Readonly<v.InferOutput<typeof gateSchema>>;

/** The answer of a limit, or of a whole gate. */
export type GateAnswer = "pass" | "fail" | "undecided";

/** What a limit on the geometric mean is of. */
export const geomeanLimit = "geomean";

/** A row that a limit may name. */
export interface LimitedRow {
  readonly suite: string;
  readonly row: string;
  readonly impl: string;
  /** Shown in place of the row's name. */
  readonly title?: string;
}

/** Returns the rows of `suites` that a limit may name. */
export function limitedRowsOf(suites: readonly LimitedSuite[]): LimitedRow[] {
  return suites.flatMap(({ name: suite, rows }) =>
    rows.map(({ name: row, impl, title }) => ({ suite, row, impl, ...defined({ title }) })),
  );
}

/** What of a planned suite says which rows a limit may name. */
interface LimitedSuite {
  readonly name: string;
  readonly rows: readonly { readonly name: string; readonly impl: string; readonly title?: string | undefined }[];
}

/** Returns the limit as it is written: `sha256 cpu slower than 3 %`. */
export function limitText({ of, metric, slower_percent }: GateLimit): string {
  return `${of === undefined ? "" : `${of} `}${metric} slower than ${slower_percent} %`;
}

/**
 * Whether a limit on `of` is on `row`: ROW, SUITE/ROW, SUITE/ROW/IMPL or its title name it, and nothing names every
 * row.
 */
export function isLimitOn(of: string | undefined, { suite, row, impl, title }: LimitedRow): boolean {
  if (of === undefined) return true;
  const titles = title === undefined ? [] : [title, displayTitle(title)];
  return [row, `${suite}/${row}`, `${suite}/${row}/${impl}`, ...titles].includes(of);
}

/**
 * Refuses limits on rows that are none of `rows`.
 *
 * @throws TimetrialError USAGE
 */
export function refuseUnknownLimits({ limits }: Gate, rows: readonly LimitedRow[]): void {
  const unknown = limits.find(
    ({ of }) => of !== undefined && of !== geomeanLimit && !rows.some((row) => isLimitOn(of, row)),
  );
  if (unknown === undefined) return;
  const names = [...new Set([...rows.map(limitName), geomeanLimit])];
  throw new TimetrialError(
    "USAGE",
    `--fail-if ${quoteForMessage(limitText(unknown))}: there is no row ${quoteForMessage(unknown.of ?? "")}`,
    { hint: `there is ${names.slice(0, mostNamed).join(", ")}${names.length > mostNamed ? ", …" : ""}` },
  );
}

/** The most rows that an error names. */
const mostNamed = 20;

/** Returns the name by which a limit is best put on the row: its title, or SUITE/ROW. */
function limitName({ suite, row, title }: LimitedRow): string {
  return title === undefined ? `${suite}/${row}` : displayTitle(title);
}
