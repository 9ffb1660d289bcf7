// `compare` and `run`: run, then report.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printable } from "../../domain/printable.ts";
import { say } from "../output/terminal.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { launchedSides, type Spec } from "../../domain/plan/plan.ts";
import { publishedSides, type RequestedPublishedSide } from "../../domain/plan/published-sides.ts";
import type { RunIdentity } from "../../pipeline/plan/make-plan.ts";
import { run } from "../../pipeline/run/run.ts";
import { parseRank } from "../options/rank-option.ts";
import { parseComparisonAxis } from "../options/comparison-axis.ts";
import { agreeToMany } from "../run/agree-to-many.ts";
import { chooseProgress } from "../run/choose-progress.ts";
import { newRunIdentity } from "../run/run-name.ts";
import { hasFailures, executeRun } from "../run/execute-run.ts";
import { worstStatus } from "../output/exit-status.ts";
import type { OutputOptions, PrintedRun } from "../output/formats.ts";
import { outputTargets, refuseUnwritable } from "../output/output-targets.ts";
import { resultsOf } from "../output/results-root.ts";
import { printRun } from "../output/print-run-lazily.ts";
import { type RunOptions, parseSpec } from "../options/run-options.ts";
import { replaceTypePatterns } from "../options/type-patterns.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { isSuiteFolder, loadSuiteNames } from "../options/user-suites.ts";
import { openOwnSuite, openResults, withRegion } from "../wiring.ts";
import { readMicroVms } from "../wiring/run-ports.ts";
import { noPatternAdvice, offlineAdvice, orOffline } from "../options/or-offline.ts";

export async function compareCommand(words: readonly string[], options: RunOptions): Promise<number> {
  chooseProgress(options.progress);
  refuseCommandsAsSuites(options.suite ?? []);
  const targets = options.dryRun === true ? [] : outputTargets(options);
  await refuseUnwritable(targets);
  const expanded = await orOffline(options.dryRun, `${noPatternAdvice}, and add --offline`, () =>
    replaceTypePatterns(words, options),
  );
  const { words: sides } = expanded;
  const identity = newRunIdentity();
  const { baseline, ...others } = { ...options, own: await loadSuiteNames(options.suite ?? [], openOwnSuite) };
  const parsed = parseSpec(
    sides,
    options.by === "command" ? others : { ...others, ...(baseline && { baseline }) },
    identity.run,
  );
  const located: Spec = {
    ...parsed,
    sides: await readMicroVms(parsed.sides, (side) => (side.kind === "firecracker" ? side.file : undefined)),
  };
  const asksCloud = located.sides.some(({ kind }) => kind === "ec2" || kind === "instances");
  const locate = async (): Promise<Spec> => await withRegion(located, asksCloud && options.offline !== true);
  const spec = await orOffline(options.dryRun, offlineAdvice, locate);
  const axis = parseComparisonAxis(spec, options.by, baseline);
  parseRank(options.rank, spec.sides.length, axis.by);
  const published = publishedSides(spec.sides);
  if (axis.by === "side" && options.dryRun !== true) refuseLoneSide(spec, options.leastSides);
  if (options.dryRun === true) return await (await import("./print-plan.ts")).planCommand(spec, options, identity);
  if (published.length === spec.sides.length) {
    return (await printPublished(spec, published, { ...options, targets }, identity)).gate;
  }
  // Published figures that do not exist, or that are of none of the suites, are refused before anything is measured.
  if (published.length > 0) await (await tableSources()).publishedTableInput(published, spec.suites, identity);
  if (options.quiet !== true) {
    await sayOneCommandIsTimed(spec.command, options.words);
    if (spec.cloud === "aws" && launchedSides(spec).length > 0 && spec.instance_profile === undefined)
      say(printable(noProfile));
  }
  await agreeToMany(
    {
      types: expanded.found,
      machines: launchedSides(spec).length * spec.machines,
      cost: async () => await (await import("./print-plan.ts")).costInWords(spec, options, identity),
    },
    options,
  );
  await using folder = await resultsFolder(spec, options);
  const { results } = folder;
  const statuses = [
    await executeRun(spec, { ...options, results, axis }, (ports, observe, signal) =>
      run(spec, identity, ports, observe, signal),
    ),
  ];
  const stored = await (await openResults(results)).load(identity.run);
  // Exit status 0 means that there is a result.
  const { printStoredRun: print } = await import("../output/print-stored-run.ts");
  const printed = stored.records.length > 0 ? await print(stored, axis, { ...options, targets }) : undefined;
  if (printed?.isComplete !== true || hasFailures(stored)) statuses.push(1);
  if (printed !== undefined) statuses.push(printed.gate);
  return worstStatus(statuses);
}

/** What makes tables of published figures. A run that begins needs none of it. */
const tableSources = () => import("../load/table-sources.ts");

const noProfile =
  "no --instance-profile: the machines' SSM agent comes online only where the account has Default Host Management on";

/**
 * Refuses commands in the place of suites: hyperfine's users write them there, without `--`.
 *
 * @throws TimetrialError USAGE
 */
function refuseCommandsAsSuites(texts: readonly string[]): void {
  const command = texts.find((text) => /\s/.test(text) && !isSuiteFolder(text));
  if (command === undefined) return;
  throw new TimetrialError("USAGE", `expected a suite, got ${quoteForMessage(command)}: commands stand behind --`, {
    hint: `timetrial run -- ${texts.map((text) => `'${text.replaceAll("'", "'\\''")}'`).join(" ")}`,
  });
}

/** Prints a note that several programs behind `--` are one command, where each of them could be meant as a command. */
async function sayOneCommandIsTimed(command: Spec["command"], words: readonly string[] = []): Promise<void> {
  if (command?.commands.length !== 1 || words.length < 2 || !words.every((word) => word.includes("/"))) return;
  const programs = await Promise.all(words.map(isProgram));
  if (programs.includes(false)) return;
  const each = words.map((word) => `--command ${word}`).join(" ");
  say(printable(`timing one command, ${words.join(" ")}; to compare the programs: ${each}`));
}

async function isProgram(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

/**
 * Returns the folder that keeps the run; with --no-save a temporary folder, which is removed after the run.
 *
 * @throws TimetrialError USAGE
 */
async function resultsFolder(
  spec: Spec,
  { results, save }: RunOptions,
): Promise<AsyncDisposable & { readonly results: string }> {
  const stays = async (): Promise<void> => undefined;
  if (save !== false) return { results: resultsOf(spec, results), [Symbol.asyncDispose]: stays };
  if (spec.sides.some(({ kind }) => kind !== "local"))
    throw new TimetrialError("USAGE", "--no-save: expected this machine alone", {
      hint: "other machines' records, and what was launched, are not thrown away",
    });
  const folder = await mkdtemp(join(tmpdir(), "timetrial-"));
  return { results: folder, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }) };
}

/** Refuses a single side where `least` is 2 or more. @throws TimetrialError USAGE */
function refuseLoneSide({ sides: [side, other] }: Spec, least = 1): void {
  if (side === undefined || other !== undefined || least < 2) return;
  throw new TimetrialError("USAGE", `compare: expected two sides or more, got ${side.name} alone`, {
    hint: `timetrial run --on ${side.name} measures one side; compare ${side.name} --aa compares it with itself`,
  });
}

/** Prints published figures alone. Nothing is launched, and no run is stored. */
async function printPublished(
  spec: Spec,
  published: readonly RequestedPublishedSide[],
  options: RunOptions & Pick<OutputOptions, "targets">,
  identity: RunIdentity,
): Promise<PrintedRun> {
  if (spec.command !== undefined) {
    throw new TimetrialError("USAGE", "expected a side that can run the command, got published figures alone", {
      hint: "name a machine too: local, ssh:HOST, or a type",
    });
  }
  const choices = options.suite === undefined ? undefined : spec.suites;
  const input = await (await tableSources()).publishedTableInput(published, choices, identity);
  return await printRun(input, { ...options, baseline: spec.baseline, gate: spec.gate });
}
