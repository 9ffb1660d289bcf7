// `list`: lists suites, runs, instance types or published figures.

import { print } from "../output/terminal.ts";
import { join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { printable, printableLines } from "../../domain/printable.ts";
import { fewestKept, leastKeptForInterval } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { InstanceType } from "../../ports/cloud/instance-types.ts";
import type { StoredBoots } from "../../ports/boot-results.ts";
import type { StoredRun } from "../../ports/results.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import type { PublishedSide } from "../../domain/published/figures.ts";
import {
  listedFiguresJson,
  type ListedRun,
  listedRunsJson,
  listedSuitesJson,
  listedTypesJson,
} from "../../report/commands/list-json.ts";
import { suiteReport } from "../../report/commands/suite-report.ts";
import { formatColumns } from "../output/columns.ts";
import { listed, textOrJson } from "../options/choices.ts";
import { parseCloudTarget } from "../options/location-options.ts";
import { parseWhole } from "../options/option-values.ts";
import { parseChoice } from "../options/option-values.ts";
import { isSuiteFolder } from "../options/user-suites.ts";
import {
  allPublishedBoots,
  openBoots,
  openInstanceTypes,
  openOwnSuite,
  openPublished,
  openResults,
  openSuites,
} from "../wiring.ts";

/** Numbers of vCPUs where the user names none: a small machine, a common one, and the seed article's. */
const usualCores = [2, 8, 32];

export interface ListOptions {
  readonly cores?: string;
  readonly results: string;
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly format: string;
}

export async function listCommand(what: string, name: string | undefined, options: ListOptions): Promise<number> {
  print(printableLines(await listing(what, name, options)));
  return 0;
}

async function listing(what: string, name: string | undefined, options: ListOptions): Promise<string> {
  const isJson = parseChoice("--format", options.format, textOrJson) === "json";
  switch (parseChoice("list", what, listed)) {
    case "suites":
      return await suites(name, options.cores, isJson);
    case "runs": {
      refuseName(what, name);
      const found = await runs(options.results);
      return isJson ? listedRunsJson(found) : runsText(found, options.results);
    }
    case "types":
      return await types(name ?? "", options, isJson);
    case "published": {
      refuseName(what, name);
      const [sides, boots] = [await (await openPublished()).list(), await allPublishedBoots()];
      return isJson ? listedFiguresJson(sides, boots) : published(sides, boots);
    }
  }
}

function refuseName(what: string, name: string | undefined): void {
  if (name === undefined) return;
  throw new TimetrialError("USAGE", `list ${what}: expected nothing more, got ${quoteForMessage(name)}`);
}

async function suites(name: string | undefined, cores: string | undefined, isJson: boolean): Promise<string> {
  const known = await openSuites();
  const counts = cores === undefined ? usualCores : [parseWhole("--cores", cores, 1, 1024)];
  if (name !== undefined) {
    const suite = isSuiteFolder(name) ? await openOwnSuite(name) : await known.load(name);
    return isJson ? listedSuitesJson([suite.manifest], counts) : suiteReport(suite, counts);
  }
  const names = await known.list();
  const manifests = await Promise.all(names.map(async (suite) => (await known.load(suite)).manifest));
  if (isJson) return listedSuitesJson(manifests, counts);
  const lines = manifests.map((manifest) => {
    const { root, disposable } = manifest.needs;
    const wants = [...(root ? ["root"] : []), ...(disposable ? ["a disposable machine"] : [])].join(", ");
    const kept = fewestKept(manifest.rows.map((row) => ({ ...row, warmup: row.fresh ? 0 : row.warmup })));
    const notes = [
      ...(wants === "" ? [] : [`needs ${wants}`]),
      ...(kept < leastKeptForInterval
        ? [`no interval on one machine: ${kept === 1 ? "1 kept run" : `${kept} kept runs`}`]
        : []),
    ];
    return [manifest.name, `${manifest.title}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`];
  });
  return formatColumns(lines);
}

/**
 * Returns the runs below `root`, the newest last. A folder that cannot be read is one too, so that the others are still
 * listed.
 */
async function runs(root: string): Promise<ListedRun[]> {
  const results = await openResults(root);
  const boots = await openBoots(root);
  const found: ListedRun[] = [];
  for (const run of await results.list()) {
    try {
      const booted = await boots.load(join(root, run));
      found.push({
        run,
        ...(booted === undefined ? summary(await results.load(join(root, run))) : bootSummary(booted)),
      });
    } catch (error) {
      if (!(error instanceof TimetrialError)) throw error;
      found.push({ run, error: error.message });
    }
  }
  return found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Returns the sort key of a run: the digits of its time, then its name. Both forms of a time sort alike:
 * `2026-11-24T03:15…` and `20261124-0315…`. Names begin with the time: a run that cannot be read is sorted by its name.
 */
function key(run: ListedRun): string {
  const at = "error" in run ? run.run : run.created_at;
  return `${at.replace(/\D/g, "").slice(0, 14)} ${run.run}`;
}

function runsText(found: readonly ListedRun[], root: string): string {
  if (found.length === 0) return `there is no run in ${root}\n`;
  return formatColumns([["run", "date", "sides", "suites", "trials", "faults", "state"], ...found.map(runCells)]);
}

function runCells(run: ListedRun): string[] {
  if ("error" in run) return [run.run, "cannot be read", printable(run.error)];
  const { created_at, sides, suites: of = ["boot"], records, faults, state } = run;
  const counts = Object.entries(faults).map(([fault, count]) => `${count} ${fault}`);
  const date = created_at.slice(0, 16).replace("T", " ");
  const cells = [date, sides.join(" "), of.join(" "), String(records), counts.join(", ") || "none", state];
  return [run.run, ...cells.map(printable)];
}

function summary({ plan, records, sums, changed }: StoredRun) {
  const faults: Record<string, number> = {};
  for (const { status, tainted } of records) {
    const fault = status === "completed" ? (tainted.length > 0 ? "tainted" : undefined) : status;
    if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
  }
  return {
    kind: "run" as const,
    created_at: plan.created_at,
    sides: plan.spec.sides.map(({ name }) => name),
    suites: plan.suites.map(({ name }) => name),
    records: records.length,
    faults,
    state: closingState(sums, changed),
  };
}

function bootSummary({ plan, records, sums, changed }: StoredBoots) {
  const failed = records.filter(({ status }) => status === "failed").length;
  return {
    kind: "boot" as const,
    created_at: plan.created_at,
    sides: plan.spec.sides.map(({ name }) => name),
    records: records.length,
    faults: failed === 0 ? {} : { failed },
    state: closingState(sums, changed),
  };
}

async function types(prefix: string, options: ListOptions, isJson: boolean): Promise<string> {
  if (!/^[a-z0-9.-]{0,40}$/.test(prefix)) {
    throw new TimetrialError(
      "USAGE",
      `list types: expected how their names begin, as in c7g, got ${quoteForMessage(prefix)}`,
    );
  }
  const account = await openInstanceTypes(parseCloudTarget(options));
  const found = await account.list(prefix);
  if (found.length === 0) {
    const which = prefix === "" ? "" : ` whose name begins with ${quoteForMessage(prefix)}`;
    throw new TimetrialError("TYPE_UNKNOWN", `there is no current instance type${which} in ${account.region}`);
  }
  if (isJson) return listedTypesJson(account.region, found);
  return formatColumns([
    ["type", "arch", "vcpus", "cores", "threads", "memory", "made by", ""],
    ...found.map(typeCells),
  ]);
}

function typeCells(type: InstanceType): string[] {
  return [
    type.name,
    type.arch,
    String(type.vcpus),
    String(type.cores ?? "-"),
    type.threads_per_core === undefined ? "-" : `${type.threads_per_core} a core`,
    `${Number((type.memory_mib / 1024).toPrecision(4))} GiB`,
    printable(type.manufacturer ?? "-"),
    type.burstable ? "burstable" : "",
  ];
}

function published(sides: readonly PublishedSide[], boots: ReadonlyMap<string, PublishedBoots>): string {
  return formatColumns([
    ...sides.map(({ of, source, records }) => [
      `published:${of}`,
      `${records.length} rows of ${[...new Set(records.map(({ suite }) => suite))].join(", ")}`,
      `${source.author}, ${source.title}, ${source.date}`,
    ]),
    ...[...boots].map(([id, { source, rows }]) => [
      `published:${id}`,
      `${rows.length} images booted`,
      `${source.author}, ${source.title}, ${source.date}`,
    ]),
  ]);
}

function closingState(sums: string | undefined, changed: readonly string[] | undefined) {
  if (sums === undefined) return "not closed" as const;
  return changed === undefined ? ("closed" as const) : ("changed" as const);
}
