// Published comparisons as data: the files of the package's folder `reference` whose schema is reference-comparison/1.
//
// They hold exactly what was printed. A printed speedup that differs from the printed times' quotient is kept and
// becomes a remark.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { PublishedRecord, PublishedCaveat, PublishedSide } from "../../domain/published/figures.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { PublishedFigures } from "../../ports/published.ts";
import { packageRoot } from "./package-root.ts";

const text = v.pipe(v.string(), v.minLength(1));
const above0 = v.pipe(v.number(), v.finite(), v.gtValue(0));
const name = v.pipe(text, v.regex(/^[a-z0-9][a-z0-9.-]{0,63}$/));
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

/** One time a side, and the speedup printed beside them. */
const figures = v.objectWithRest({ printed_speedup: v.exactOptional(above0) }, above0);

const schema = v.strictObject({
  schema: v.literal("reference-comparison/1"),
  id: name,
  source: v.strictObject({
    title: text,
    author: text,
    date: v.pipe(text, v.isoDate()),
    url: v.pipe(text, v.regex(/^https:\/\/[!-~]+$/)),
  }),
  system: v.strictObject({ os: text, release: v.nullable(text), arch: text, note: text }),
  /** Baseline first. */
  sides: v.record(name, v.strictObject({ cpu: text, vcpus: whole, memory_gib: above0, root_disk_gb: above0 })),
  /** The last digit of the printed times. */
  resolution_s: above0,
  runs_per_row: v.nullable(whole),
  runs_note: text,
  rows: v.array(
    v.strictObject({
      suite: name,
      row: name,
      /** Our name for the row, as SUITE/ROW, where it differs: the article's `sources` are two suites of ours. */
      ours: v.exactOptional(v.pipe(text, v.regex(/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/))),
      impl: name,
      driver: name,
      title: text,
      params: v.record(text, text),
      work_id: text,
      real_s: v.exactOptional(figures),
      cpu_s: v.exactOptional(figures),
      /** Where user time alone was printed, in place of cpu_s. */
      user_cpu_s: v.exactOptional(figures),
    }),
  ),
  remarks: v.array(v.strictObject({ row: name, metric: v.picklist(["real", "cpu"]), alone: v.boolean(), text })),
});

type Reference = v.InferOutput<typeof schema>;
type Row = Reference["rows"][number];

/**
 * The published sides of the files in `folder`.
 *
 * @example
 * import { publishedFolder } from "timetrial/adapters";
 *
 * const { records } = await publishedFolder().load("c7g.8xlarge");
 * console.log(records.length);
 */
export function publishedFolder(folder: string = join(packageRoot().folder, "reference")): PublishedFigures {
  const list = async (): Promise<PublishedSide[]> => {
    const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
    const references = await Promise.all(files.map((file) => referenceIn(join(folder, file))));
    return references.flatMap((one) => (one === undefined ? [] : sidesOf(one)));
  };
  return {
    list,
    load: async (of) => {
      const known = await list();
      const found = known.find((side) => side.of === of);
      if (found !== undefined) return found;
      throw new TimetrialError(
        "PUBLISHED_UNKNOWN",
        `side ${quoteForMessage(`published:${of}`)}: nothing of that name was published`,
        {
          hint: `there is ${known.map((side) => `published:${side.of}`).join(", ")}`,
        },
      );
    },
  };
}

/** Reads `path`. Undefined where it is a reference of another kind. */
async function referenceIn(path: string): Promise<Reference | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new TimetrialError("RESULTS_CORRUPT", `${path}: ${(cause as Error).message}`, { cause });
  }
  const kind = (value as { schema?: unknown } | null)?.schema;
  if (typeof kind === "string" && !kind.startsWith("reference-comparison/")) return undefined;
  // Records of other programs' behaviour have no schema of ours, and no sides.
  if (kind === undefined && typeof value === "object" && value !== null && !("sides" in value)) return undefined;
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new TimetrialError(
      "RESULTS_CORRUPT",
      `${path}: ${v.getDotPath(issue) ?? "the file"}: expected ${issue.expected ?? "something else"}, got ${issue.received}`,
    );
  }
  const sides = Object.keys(parsed.output.sides);
  const stranger = parsed.output.rows
    .flatMap((row) => [row.real_s, row.cpu_s, row.user_cpu_s].flatMap((times) => Object.keys(times ?? {})))
    .find((key) => key !== "printed_speedup" && !sides.includes(key));
  if (stranger === undefined) return parsed.output;
  throw new TimetrialError("RESULTS_CORRUPT", `${path}: rows: expected times of ${sides.join(", ")}, got ${stranger}`);
}

function sidesOf(reference: Reference): PublishedSide[] {
  const { source, system, sides, rows } = reference;
  return Object.entries(sides).map(([of, { vcpus }]) => ({
    of,
    source,
    os: system.os,
    release: system.release,
    arch: system.arch,
    vcpus,
    records: rows.map((row) => recordOf(row, of, reference.resolution_s)),
    titles: rows.map(({ suite, row, impl, title, ours }) => ({
      suite,
      row,
      impl,
      title,
      ...defined({ ours }),
    })),
    remarks: remarksOf(reference),
  }));
}

function recordOf(row: Row, of: string, resolution_s: number): PublishedRecord {
  const { suite, impl, driver, params, work_id } = row;
  const [real_s, cpu_s, user_s] = [row.real_s?.[of], row.cpu_s?.[of], row.user_cpu_s?.[of]];
  return {
    schema: 1,
    status: "published",
    capture: "published",
    suite,
    row: row.row,
    impl,
    driver,
    params,
    work_id,
    side: `published:${of}`,
    machine: `published:${of}`,
    host_id: `published:${of}`,
    round: 1,
    attempt: 1,
    ...defined({ real_s, cpu_s, user_s }),
    real_resolution_s: resolution_s,
    cpu_resolution_s: resolution_s,
    tainted: [],
  };
}

/** Caveats of the rows, first those whose printed speedup differs from their printed times' quotient. */
function remarksOf({ sides, rows, remarks }: Reference): PublishedCaveat[] {
  const [baseline = "", contender = ""] = Object.keys(sides);
  return rows.flatMap((row) =>
    (["real", "cpu"] as const).flatMap((metric): PublishedCaveat[] => {
      const remarksOfRow = remarks.filter((one) => one.row === row.row && one.metric === metric);
      const texts = [
        ...disagreement(metric === "real" ? row.real_s : (row.cpu_s ?? row.user_cpu_s), baseline, contender),
        ...remarksOfRow.map((one) => one.text),
      ];
      if (texts.length === 0) return [];
      const { suite, impl } = row;
      const alone = remarksOfRow.some((one) => one.alone);
      return [{ suite, row: row.row, impl, metric, about: [baseline, contender], alone, text: texts.join("; ") }];
    }),
  );
}

function disagreement(times: Row["real_s"], baseline: string, contender: string): string[] {
  const [b, c, printed] = [times?.[baseline], times?.[contender], times?.printed_speedup];
  if (b === undefined || c === undefined || printed === undefined) return [];
  const computed = (b / c).toFixed(2);
  // The printed times are rounded too, but far finer than two digits of their quotient.
  if (computed === printed.toFixed(2)) return [];
  return [
    `the source prints ${printed.toFixed(2)}x for ${baseline} -> ${contender}, but its own times give ${computed}x`,
  ];
}
