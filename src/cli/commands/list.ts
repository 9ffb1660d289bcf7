// `list`: what there is.

import { join } from "node:path";
import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { quoted } from "../../domain/side.ts";
import type { Manifest } from "../../domain/suite.ts";
import type { InstanceType } from "../../ports/instance-types.ts";
import type { StoredRun } from "../../ports/results.ts";
import { columned } from "../columns.ts";
import { cloudOf, oneOf } from "../options.ts";
import { openInstanceTypes, openPublished, openResults, openSuites } from "../wiring.ts";

export interface ListOptions {
  readonly results: string;
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
}

export async function list(what: string, name: string | undefined, options: ListOptions): Promise<number> {
  switch (oneOf("list", what, ["suites", "runs", "types", "published"])) {
    case "suites":
      process.stdout.write(await suites(name));
      return 0;
    case "runs":
      refuseName(what, name);
      process.stdout.write(await runs(options.results));
      return 0;
    case "types":
      process.stdout.write(await types(name ?? "", options));
      return 0;
    case "published":
      refuseName(what, name);
      process.stdout.write(await published());
      return 0;
  }
}

function refuseName(what: string, name: string | undefined): void {
  if (name === undefined) return;
  throw new TimetrialError("USAGE", `list ${what}: expected nothing more, got ${quoted(name)}`);
}

async function suites(name: string | undefined): Promise<string> {
  const known = await openSuites();
  if (name !== undefined) return inFull((await known.load(name)).manifest);
  const names = await known.list();
  const lines = names.map(async (one) => `${one.padEnd(14)} ${(await known.load(one)).manifest.title}\n`);
  return (await Promise.all(lines)).join("");
}

/** Newest last. A folder that cannot be read is a line, too: the others are no worse for it. */
async function runs(root: string): Promise<string> {
  const results = await openResults(root);
  const names = await results.list();
  if (names.length === 0) return `there is no run in ${root}\n`;
  const rows: { at: string; cells: string[] }[] = [];
  for (const name of names) {
    try {
      const run = await results.load(join(root, name));
      rows.push({ at: run.plan.created_at, cells: [name, ...summary(run)] });
    } catch (error) {
      if (!(error instanceof TimetrialError)) throw error;
      // Names begin with the time: a run that cannot say when it was stands where its name does.
      rows.push({ at: name, cells: [name, "cannot be read", printable(error.message)] });
    }
  }
  const inOrder = rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return columned([
    ["run", "date", "sides", "suites", "trials", "faults", "state"],
    ...inOrder.map(({ cells }) => cells),
  ]);
}

/** Digits of a time, of whatever form: `2026-11-24T03:15…` and `20261124-0315…` sort alike. */
function key({ at, cells }: { readonly at: string; readonly cells: readonly string[] }): string {
  return `${at.replace(/\D/g, "").slice(0, 14)} ${cells[0]}`;
}

function summary({ plan, records, sums }: StoredRun): string[] {
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
    sums === undefined ? "not closed" : "closed",
  ].map(printable);
}

async function types(prefix: string, options: ListOptions): Promise<string> {
  if (!/^[a-z0-9.-]{0,40}$/.test(prefix)) {
    throw new TimetrialError("USAGE", `list types: expected how their names begin, as in c7g, got ${quoted(prefix)}`);
  }
  const account = await openInstanceTypes(cloudOf(options), options.endpoint);
  const found = await account.list(prefix);
  if (found.length === 0) {
    const which = prefix === "" ? "" : ` whose name begins with ${quoted(prefix)}`;
    throw new TimetrialError("TYPE_UNKNOWN", `there is no current instance type${which} in ${account.region}`);
  }
  return columned([["type", "arch", "vcpus", "cores", "threads", "memory", "made by", ""], ...found.map(typeCells)]);
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
  return columned(
    sides.map(({ of, source, records }) => [
      `published:${of}`,
      `${records.length} rows of ${[...new Set(records.map(({ suite }) => suite))].join(", ")}`,
      `${source.author}, ${source.title}, ${source.date}`,
    ]),
  );
}

function inFull(manifest: Manifest): string {
  const rows = manifest.rows.map(
    (row) =>
      `  ${row.name.padEnd(12)} ${row.impl.padEnd(14)} ${row.runs} runs, the first ${row.warmup} dropped${row.os === undefined ? "" : `; ${row.os.join(", ")} only`}\n`,
  );
  const params = Object.entries(manifest.params).map(([param, value]) => `  ${param}=${value}\n`);
  return [
    `${manifest.name} ${manifest.version}: ${manifest.title}\n`,
    `on ${manifest.os.join(", ")}\n`,
    "rows\n",
    ...rows,
    "parameters (--set)\n",
    ...params,
  ].join("");
}
