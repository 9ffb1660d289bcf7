// `plan`, which is `compare --dry-run`: what a run would launch, how long it would take, and what it would cost.

import { lstat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { outputColumns, print, say } from "../output/terminal.ts";
import { printable, printableLines } from "../../domain/printable.ts";
import { expectedHalfWidth, defaultSpread } from "../../analysis/statistics/expected-width.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { launchedSides, type Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { vcpusByName } from "../../domain/cloud/type-size.ts";
import { type DryRun, dryRunPlan } from "../../pipeline/run/dry-run.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";
import { planJson, planText } from "../../report/commands/plan-report.ts";
import { type RunOptions } from "../options/run-options.ts";
import { offlineAdvice, withAdvice } from "../options/or-offline.ts";
import { parseChoice } from "../options/option-values.ts";
import { resultsOf } from "../output/results-root.ts";
import { publishedSides } from "../../domain/plan/published-sides.ts";
import { loadFigures } from "../load/table-sources.ts";
import { costLine } from "../run/progress-lines.ts";
import { createRunPorts } from "../wiring/run-ports.ts";

export async function planCommand(spec: Spec, options: RunOptions, identity: RunIdentity): Promise<number> {
  // The format in a spec file is that of the run's table.
  const asked = options.spec?.isGiven("format") === false ? undefined : options.format;
  const format = parseChoice("--format", asked ?? "table", ["table", "json"]);
  if (options.saveSpec !== undefined) await refusePresent(options.saveSpec);
  const spread =
    options.spread === undefined ? defaultSpread : { spread: spreadOf(options.spread), source: "--spread" };
  const dryRun = await dryRunOf(spec, options, identity);
  const report = {
    ...dryRun,
    published: await loadFigures(publishedSides(spec.sides)),
    spread,
    half_width: await expectedHalfWidth(spec.machines, spread.spread),
    oneHost: spec.cloud === "sandbox",
  };
  print(printableLines(format === "json" ? planJson(report) : planText(report, outputColumns())));
  if (options.saveSpec !== undefined) await saveSpec(options.saveSpec, options.spec);
  return 0;
}

/** Plans with what the cloud says; without a cloud where there are no credentials for it, or where the user wants that. */
async function dryRunOf(spec: Spec, options: RunOptions, identity: RunIdentity): Promise<DryRun> {
  const plan = async (offline: boolean): Promise<DryRun> => {
    const results = resultsOf(spec, options.results);
    const ports = await createRunPorts(spec, { ...options, results, estimate: true, offline });
    return await dryRunPlan(spec, identity, ports, new AbortController().signal);
  };
  const unasked = async (why: string): Promise<DryRun> => {
    const dryRun = await plan(true);
    return { ...dryRun, notes: [...dryRun.notes, ...offlineNotes(spec, why)] };
  };
  if (options.offline === true) return await unasked("--offline");
  try {
    return await plan(false);
  } catch (error) {
    const { hasNoCredentials } = await import("../wiring/cloud-ports.ts");
    const isHopeless = spec.cloud === "aws" && spec.endpoint === undefined && (await hasNoCredentials(error));
    if (!isHopeless) throw options.dryRun === true && spec.cloud === "aws" ? withAdvice(error, offlineAdvice) : error;
    return await unasked("no AWS credentials were found");
  }
}

/** Returns what a plan says that asked no cloud: what was not checked, and where the types' vCPUs are from. */
function offlineNotes(spec: Spec, why: string): string[] {
  const types = [...new Set(launchedSides(spec).map(({ type }) => type))];
  const byName = types.flatMap((type) => {
    const vcpus = vcpusByName(type);
    return vcpus === undefined ? [] : [`${type} ${vcpus}`];
  });
  const unknown = types.filter((type) => vcpusByName(type) === undefined);
  return [
    `${why}: nothing was asked, so types, images, zones and quotas are not checked`,
    ...(byName.length === 0 ? [] : [`vCPUs by the types' names: ${byName.join(", ")}`]),
    ...(unknown.length === 0 ? [] : [`vCPUs not known, and taken to be 2: ${unknown.join(", ")}`]),
  ];
}

/** Returns what a run of `spec` would cost, in words. @throws TimetrialError as a run does before it launches */
export async function costInWords(spec: Spec, options: RunOptions, identity: RunIdentity): Promise<string> {
  if (spec.cloud === "sandbox") return "which cost nothing";
  const { costEstimate } = await dryRunOf(spec, options, identity);
  return costLine(costEstimate);
}

/** Refuses a file that is there already: it may hold somebody's comments. @throws TimetrialError USAGE */
async function refusePresent(file: string): Promise<void> {
  if ((await lstat(file).catch(() => undefined)) === undefined) return;
  throw new TimetrialError("USAGE", `--save: expected a new file, ${quoteForMessage(file)} is there already`, {
    hint: "remove it first, or name another",
  });
}

/** Writes `spec` to `file`. @throws TimetrialError USAGE */
async function saveSpec(file: string, spec: RunOptions["spec"]): Promise<void> {
  const text = (await spec?.text(dirname(resolve(file)))) ?? "";
  await writeFile(file, text, { flag: "wx" }).catch((cause: Error) => {
    throw new TimetrialError("USAGE", `--save: cannot write ${quoteForMessage(file)}: ${cause.message}`, { cause });
  });
  say(printable(`written to ${file}: timetrial compare ${file} runs it`));
}

/** Converts a percentage such as `0.5%` to a fraction. @throws TimetrialError USAGE */
function spreadOf(text: string): number {
  const [, percent] = /^(\d{1,2}(?:\.\d{1,4})?)\s*%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) > 0) return Number(percent) / 100;
  throw new TimetrialError(
    "USAGE",
    `--spread: expected a percentage above 0, such as 0.5%, got ${quoteForMessage(text)}`,
  );
}
