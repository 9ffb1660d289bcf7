// Makes the plan of a run from its spec. Launches nothing, and calls no machine.

import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { type SuiteEstimate, estimateOf, mayRunOs } from "../../domain/cost/duration-estimate.ts";
import { type LimitedRow, limitedRowsOf, refuseUnknownLimits } from "../../domain/plan/gate.ts";
import { commandSuiteName } from "../../domain/plan/user-command.ts";
import { launchedSides, type Plan, type PlannedSuite, plannedRow, type Spec } from "../../domain/plan/plan.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { refuseParameterValue } from "../../domain/plan/suite-parameters.ts";
import { outlivesRun } from "../../domain/stays.ts";
import type { Suite, SuiteSelection } from "../../domain/plan/suite.ts";
import type { Suites } from "../../ports/suites.ts";
import { type Archive, archive } from "../archive/archive.ts";

export interface PreparedPlan {
  readonly plan: Plan;
  readonly agent: Archive;
  /** By the suite's name. */
  readonly archives: ReadonlyMap<string, Archive>;
  /** By the suite's name: values for parameters set to `auto`. */
  readonly auto: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
  readonly library: string;
  /** Names of suites that have a cleanup of their own. */
  readonly cleanups: ReadonlySet<string>;
  /** By the suite's name: the manifest's estimate of its work. */
  readonly estimates: ReadonlyMap<string, SuiteEstimate>;
}

/**
 * Identity of a run: its name (the name of its folder; letters, digits, `.`, `_`, `-`), the version of timetrial that
 * plans it, and the time of planning (ISO 8601).
 */
export interface RunIdentity {
  readonly run: string;
  readonly tool_version: string;
  readonly created_at: string;
}

/** Makes the plan of a run. @throws TimetrialError SUITE_UNKNOWN, SUITE_INVALID, USAGE, REFUSED */
export async function makePlan(spec: Spec, identity: RunIdentity, suites: Suites): Promise<PreparedPlan> {
  const agentFiles = await suites.agent();
  const agent = archive(agentFiles);
  const library = Buffer.from(agentFiles.find((file) => file.path === "put.sh")?.bytes ?? []).toString();

  const names = [...new Set(spec.suites.map((choice) => choice.suite))];
  const loaded = await Promise.all(names.map(async (name) => ({ name, suite: await suites.load(name) })));
  refuseUnknownParameters(
    spec,
    loaded.map(({ suite }) => suite),
  );

  const barred = new Map(loaded.map(({ name, suite }) => [name, sandboxLacks(spec, suite)]));
  const isAnyLeft = [...barred.values()].includes(undefined);
  for (const { name, suite } of loaded) {
    // The sandbox skips a suite that it must not run, where another is left to run.
    if (!isAnyLeft || barred.get(name) === undefined) refuseUnsafe(spec, suite);
    refuseStale(spec, suite);
  }

  const archives = new Map(loaded.map(({ name, suite }) => [name, archive(suite.files)]));
  for (const [name, { bytes }] of archives) refuseLarge(name, bytes.length);
  const planned = loaded.map(({ name, suite }) => {
    const made = plannedSuite(suite, spec, archives.get(name) as Archive);
    const not_here = barred.get(name);
    return not_here === undefined ? made : { ...made, rows: rowsOfImages(made.rows, spec), not_here };
  });
  if (spec.gate !== undefined) refuseUnknownLimits(spec.gate, limitedRows(planned, spec));
  return {
    plan: { schema: 1, ...identity, spec, agent_digest: agent.digest, suites: planned },
    agent,
    archives,
    auto: new Map(loaded.map(({ name, suite }) => [name, suite.manifest.auto])),
    library,
    cleanups: new Set(
      loaded.flatMap(({ name, suite }) => (suite.files.some(({ path }) => path === "cleanup.sh") ? [name] : [])),
    ),
    estimates: new Map(loaded.map(({ name, suite }) => [name, estimateOf(suite.manifest)])),
  };
}

/**
 * Returns the plan `before` of a run that is resumed, with all files that it uploads.
 *
 * @throws TimetrialError REFUSED where the agent or a suite changed: half a run of each would be no comparison
 */
export async function remakePlan(before: Plan, suites: Suites): Promise<PreparedPlan> {
  const { run, tool_version, created_at } = before;
  const planned = await makePlan(before.spec, { run, tool_version, created_at }, suites);
  const changed = [
    ...(planned.plan.agent_digest === before.agent_digest ? [] : ["the agent"]),
    ...planned.plan.suites.flatMap(({ name, digest, not_here }, i) =>
      before.suites[i]?.digest === digest && before.suites[i].not_here === not_here ? [] : [`suite ${name}`],
    ),
  ];
  if (changed.length === 0) return { ...planned, plan: before };
  throw new TimetrialError("REFUSED", `${changed.join(" and ")} changed since run ${run} was begun`, {
    hint: `that was version ${tool_version}: resume it with the same files, or begin a new run`,
  });
}

function plannedSuite({ manifest, check, upload, titles = {} }: Suite, spec: Spec, { digest }: Archive): PlannedSuite {
  const choices = spec.suites.filter((choice) => choice.suite === manifest.name);
  for (const choice of choices) refuseUnknownRow(choice, manifest);
  const rows = manifest.rows.filter((row) => choices.some((choice) => chosen(choice, row)));
  const params = Object.fromEntries(
    Object.entries(manifest.params).map(([name, value]) => [name, spec.params[name] ?? value]),
  );
  return {
    name: manifest.name,
    title: manifest.title,
    version: manifest.version,
    digest,
    params,
    defaults: manifest.params,
    ...defined({ check, upload }),
    needs: needsOf(manifest),
    rows: rows.map((row) => {
      const title = titles[row.name];
      // With `until`, --rounds is a cap. It does not set how many machines a fresh row launches: the row's own number
      // does.
      const { rounds, ...counts } = { rounds: spec.rounds, runs: spec.runs, warmup: spec.warmup };
      const asked = row.fresh && spec.until !== undefined ? counts : { ...counts, rounds };
      return { ...plannedRow(row, manifest.os, asked), ...defined({ title }) };
    }),
  };
}

/** Returns the rows that a limit may name. Where commands are compared, the rows of the table are the sides. */
function limitedRows(suites: readonly PlannedSuite[], { command, sides }: Spec): LimitedRow[] {
  const rows = limitedRowsOf(suites);
  const places = sides.map(({ name: row }) => ({ suite: commandSuiteName, row, impl: "command" }));
  return (command?.commands.length ?? 0) > 1 ? [...rows, ...places] : rows;
}

function needsOf({ needs }: Suite["manifest"]): NonNullable<PlannedSuite["needs"]> {
  const { commands, packages, memory_bytes, disk_bytes, vcpus, root } = needs;
  return { commands, packages, memory_bytes, disk_bytes, ...(vcpus > 0 ? { vcpus } : {}), root };
}

/**
 * Returns what `suite` needs and the sandbox is not, where it is to run in the sandbox: its machines are this computer,
 * whatever image is named.
 */
function sandboxLacks(spec: Spec, { manifest }: Suite): string | undefined {
  if (spec.cloud !== "sandbox" || !spec.sides.some(isInCloud)) return undefined;
  const { disposable, root } = manifest.needs;
  const choices = spec.suites.filter((choice) => choice.suite === manifest.name);
  const rows = manifest.rows
    .filter((row) => choices.some((choice) => chosen(choice, row)))
    .map((row) => ({ os: row.os ?? manifest.os }));
  const wanted = disposable || root ? rowsOfImages(rows, spec) : rows;
  const isForeign = spec.endpoint === undefined && !wanted.some(({ os }) => os.some((one) => one === process.platform));
  const lacks = [
    ...(isForeign && wanted.length > 0 ? [[...new Set(wanted.flatMap(({ os }) => os))].join(" or ")] : []),
    ...(disposable ? ["a disposable machine"] : root ? ["root"] : []),
  ];
  return lacks.length === 0 ? undefined : `${lacks.join(" and ")}: the sandbox runs on this computer`;
}

function isInCloud({ kind }: Spec["sides"][number]): boolean {
  return kind === "ec2" || kind === "instances";
}

/** Returns the rows that the sides' images are for, as a run in a cloud would have them. */
function rowsOfImages<Row extends { readonly os: readonly string[] }>(rows: readonly Row[], { sides }: Spec): Row[] {
  const theirs = rows.filter(({ os }) =>
    sides.some((side) => isInCloud(side) && os.some((one) => mayRunOs(side, one))),
  );
  return theirs.length > 0 ? theirs : [...rows];
}

/**
 * Refuses suites that need root or a disposable machine on machines that are not launched, unless the user passes
 * --disposable. Always refuses them in the sandbox, whose machines are this computer.
 */
function refuseUnsafe(spec: Spec, { manifest }: Suite): void {
  const { root, disposable } = manifest.needs;
  if (!root && !disposable) return;
  const launched = new Set(launchedSides(spec).map(({ name }) => name));
  const side = spec.sides.find((candidate) => {
    if (candidate.kind === "published") return false;
    if (isInCloud(candidate) && spec.cloud === "sandbox") return true;
    return !launched.has(candidate.name) && spec.disposable !== true;
  });
  if (side === undefined) return;
  const needs = disposable ? "a disposable machine" : "root";
  const sandbox = spec.cloud === "sandbox" && isInCloud(side);
  const where = sandbox ? "the sandbox runs on this computer" : "it stays";
  throw new TimetrialError("REFUSED", `suite ${manifest.name} needs ${needs}, and ${side.name} is none: ${where}`, {
    hint: `run it on instance types, which are launched for it and given back${sandbox ? "" : ", or say --disposable"}`,
  });
}

/**
 * Refuses fresh rows on machines that the run does not launch, and with `auto` parameters, whose calibration uses them
 * up.
 */
function refuseStale(spec: Spec, { manifest }: Suite): void {
  const choices = spec.suites.filter((choice) => choice.suite === manifest.name);
  const fresh = manifest.rows.filter((row) => row.fresh && choices.some((choice) => chosen(choice, row)));
  const [first] = fresh;
  if (first === undefined) return;
  const what = `suite ${manifest.name}: row ${first.name}/${first.impl}`;
  const auto = Object.entries(spec.params).find(([name, value]) => value === "auto" && name in manifest.params);
  if (auto !== undefined) {
    throw new TimetrialError(
      "USAGE",
      `--set ${auto[0]}=auto: ${what} is timed once on a new machine, so none can try`,
      {
        hint: "give a value, or choose other rows",
      },
    );
  }
  const stays = spec.sides.find((side) => outlivesRun(side, spec));
  const others = manifest.rows.filter((row) => !row.fresh);
  const named = choices.some((choice) => choice.row !== undefined && chosen(choice, first));
  if (stays === undefined || (others.length > 0 && !named)) return;
  throw new TimetrialError("REFUSED", `${what} needs newly launched machines, and ${stays.name} is none`, {
    hint:
      others.length > 0
        ? `run it on instance types, or other rows: ${others.map((row) => `${row.name}/${row.impl}`).join(", ")}`
        : "run it on instance types, which are launched for it and given back",
  });
}

function chosen(choice: SuiteSelection, row: Suite["manifest"]["rows"][number]): boolean {
  return (choice.row ?? row.name) === row.name && (choice.impl ?? row.impl) === row.impl;
}

/** Largest size of a packed suite. Bytes. */
const most = 1_000_000;

function refuseLarge(name: string, size: number): void {
  if (size <= most) return;
  throw new TimetrialError(
    "REFUSED",
    `suite ${name}: expected at most 1 MB packed, got ${(size / 1e6).toFixed(1)} MB`,
    { hint: "let its setup.sh fetch what is large, and compare the digest" },
  );
}

function refuseUnknownRow(choice: SuiteSelection, manifest: Suite["manifest"]): void {
  if (manifest.rows.some((row) => chosen(choice, row))) return;
  const selection = [choice.suite, choice.row, choice.impl].filter((part) => part !== undefined).join("/");
  throw new TimetrialError("SUITE_UNKNOWN", `--suite ${selection}: suite ${manifest.name} has no such row`, {
    hint: `its rows are ${manifest.rows.map((row) => `${row.name}/${row.impl}`).join(", ")}`,
  });
}

function refuseUnknownParameters(spec: Spec, suites: readonly Suite[]): void {
  for (const [name, value] of Object.entries(spec.params)) {
    const owners = suites.filter((suite) => name in suite.manifest.params);
    if (owners.length === 0) {
      const known = suites.flatMap((suite) => Object.keys(suite.manifest.params));
      throw new TimetrialError("USAGE", `--set ${quoteForMessage(name)}: no suite of this run has such a parameter`, {
        hint: known.length > 0 ? `there is ${known.join(", ")}` : "none of them has any",
      });
    }
    // oxlint-disable-next-line no-control-regex -- a parameter is one line of a batch
    if (/[\u0000-\u001f\u007f]/.test(value) || value.length > 400) {
      throw new TimetrialError(
        "USAGE",
        `--set ${name}: expected one line of at most 400 characters, got ${quoteForMessage(value)}`,
      );
    }
    for (const { manifest } of owners)
      if (value !== "auto" || !(name in manifest.auto)) refuseParameterValue(name, value, manifest.accepts[name]);
    if (value === "auto" && !owners.every((suite) => name in suite.manifest.auto)) {
      throw new TimetrialError(
        "USAGE",
        `--set ${name}=auto: suite ${owners[0]?.manifest.name} has no values to choose from`,
      );
    }
  }
}
