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
import { suiteReport } from "../../report/commands/suite-report.ts";
import { formatColumns } from "../output/columns.ts";
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
}

export async function listCommand(what: string, name: string | undefined, options: ListOptions): Promise<number> {
  switch (parseChoice("list", what, ["suites", "runs", "types", "published"])) {
    case "suites":
      print(printableLines(await suites(name, options.cores)));
      return 0;
    case "runs":
      refuseName(what, name);
      print(printableLines(await runs(options.results)));
      return 0;
    case "types":
      print(printableLines(await types(name ?? "", options)));
      return 0;
    case "published":
      refuseName(what, name);
      print(printableLines(await published()));
      return 0;
  }
}

function refuseName(what: string, name: string | undefined): void {
  if (name === undefined) return;
  throw new TimetrialError("USAGE", `list ${what}: expected nothing more, got ${quoteForMessage(name)}`);
}

async function suites(name: string | undefined, cores: string | undefined): Promise<string> {
  const known = await openSuites();
  const counts = cores === undefined ? usualCores : [parseWhole("--cores", cores, 1, 1024)];
  if (name !== undefined)
    return suiteReport(isSuiteFolder(name) ? await openOwnSuite(name) : await known.load(name), counts);
  const lines = (await known.list()).map(async (suite) => {
    const { manifest } = await known.load(suite);
    const { root, disposable } = manifest.needs;
    const wants = [...(root ? ["root"] : []), ...(disposable ? ["a disposable machine"] : [])].join(", ");
    const kept = fewestKept(manifest.rows.map((row) => ({ ...row, warmup: row.fresh ? 0 : row.warmup })));
    const notes = [
      ...(wants === "" ? [] : [`needs ${wants}`]),
      ...(kept < leastKeptForInterval
        ? [`no interval on one machine: ${kept === 1 ? "1 kept run" : `${kept} kept runs`}`]
        : []),
    ];
    return [suite, `${manifest.title}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`];
  });
  return formatColumns(await Promise.all(lines));
}

/**
 * Lists the runs below `root`, the newest last. A folder that cannot be read gets a line too, so that the others are
 * still listed.
 */
async function runs(root: string): Promise<string> {
  const results = await openResults(root);
  const boots = await openBoots(root);
  const names = await results.list();
  if (names.length === 0) return `there is no run in ${root}\n`;
  const rows: { at: string; cells: string[] }[] = [];
  for (const name of names) {
    try {
      const booted = await boots.load(join(root, name));
      if (booted !== undefined) {
        rows.push({ at: booted.plan.created_at, cells: [name, ...bootSummary(booted)] });
        continue;
      }
      const run = await results.load(join(root, name));
      rows.push({ at: run.plan.created_at, cells: [name, ...summary(run)] });
    } catch (error) {
      if (!(error instanceof TimetrialError)) throw error;
      // Names begin with the time: a run that cannot be read is sorted by its name.
      rows.push({ at: name, cells: [name, "cannot be read", printable(error.message)] });
    }
  }
  const inOrder = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return formatColumns([
    ["run", "date", "sides", "suites", "trials", "faults", "state"],
    ...inOrder.map(({ cells }) => cells),
  ]);
}

/**
 * Returns the sort key of a row: the digits of its time, then its name. Both forms of a time sort alike:
 * `2026-11-24T03:15…` and `20261124-0315…`.
 */
function key({ at, cells }: { readonly at: string; readonly cells: readonly string[] }): string {
  return `${at.replace(/\D/g, "").slice(0, 14)} ${cells[0]}`;
}

function summary({ plan, records, sums, changed }: StoredRun): string[] {
  const faults = new Map<string, number>();
  for (const { status, tainted } of records) {
    const fault = status === "completed" ? (tainted.length > 0 ? "tainted" : undefined) : status;
    if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }
  return [
    `${plan.created_at.slice(0, 16).replace("T", " ")}`,
    plan.spec.sides.map(({ name }) => name).join(" "),
    plan.suites.map(({ name }) => name).join(" "),
    String(records.length),
    [...faults].map(([fault, count]) => `${count} ${fault}`).join(", ") || "none",
    closingState(sums, changed),
  ].map(printable);
}

function bootSummary({ plan, records, sums, changed }: StoredBoots): string[] {
  const failed = records.filter(({ status }) => status === "failed").length;
  return [
    `${plan.created_at.slice(0, 16).replace("T", " ")}`,
    plan.spec.sides.map(({ name }) => name).join(" "),
    "boot",
    String(records.length),
    failed === 0 ? "none" : `${failed} failed`,
    closingState(sums, changed),
  ].map(printable);
}

async function types(prefix: string, options: ListOptions): Promise<string> {
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

async function published(): Promise<string> {
  const sides = await (await openPublished()).list();
  const boots = await allPublishedBoots();
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

function closingState(sums: string | undefined, changed: readonly string[] | undefined): string {
  if (sums === undefined) return "not closed";
  return changed === undefined ? "closed" : "changed";
}
