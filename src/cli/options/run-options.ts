// Converts the options of `compare`, `plan` and `run` to a spec.

import { defined } from "../../domain/defined.ts";
import { aaSides } from "../../domain/plan/aa-sides.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { parseBudget } from "../../domain/cost/price-list.ts";
import { defaultImage, imageHint, imagePattern, parseSides, quoteForMessage } from "../../domain/plan/side.ts";
import type { SuiteSelection } from "../../domain/plan/suite.ts";
import { firstLook, type StoppingRule, defaultRoundCap } from "../../domain/plan/stopping-rule.ts";
import { isSuiteFolder, parseSuiteFolder } from "./user-suites.ts";
import { type GateOptions, parseGate, refuseGateOnOneSide, refuseUndecidable } from "./gate-option.ts";
import { parseUntil } from "./until-option.ts";
import { commandSuiteName } from "../../domain/plan/user-command.ts";
import { type UserCommandOptions, parseUserCommands } from "./user-commands.ts";
import type { TargetOptions } from "../output/output-targets.ts";
import type { SpecOrigin } from "../spec/spec-origin.ts";
import { tenancies } from "./choices.ts";
import { parseChoice, parseWhole } from "./option-values.ts";
import { checkOption, parseCloudTarget, parseLocation, parseMaxHours, parseTag } from "./location-options.ts";

/** The options of `compare` and `run` as commander returns them: all texts. */
export interface RunOptions extends UserCommandOptions, TargetOptions, GateOptions {
  readonly suite?: readonly string[];
  /** For each folder of a suite of the user's own, as written: the suite's name in its manifest. */
  readonly own?: ReadonlyMap<string, string>;
  readonly rounds?: string;
  /** Warm-up runs, and kept runs, as hyperfine counts them. */
  readonly warmup?: string;
  readonly runs?: string;
  readonly minRuns?: string;
  readonly maxRuns?: string;
  readonly until?: string;
  readonly machines?: string;
  readonly seed?: string;
  readonly set?: readonly string[];
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly instanceProfile?: string;
  readonly image?: string;
  readonly zone?: string;
  readonly subnet?: string;
  readonly securityGroup?: readonly string[];
  readonly spot?: boolean;
  readonly tenancy?: string;
  readonly launchTag?: readonly string[];
  readonly encrypted?: boolean;
  readonly kmsKey?: string;
  readonly volumeSize?: string;
  readonly keepOnFailure?: boolean;
  readonly tag?: readonly string[];
  readonly baseline?: string;
  readonly disposable?: boolean;
  readonly maxHours: string;
  readonly allowBurstable?: boolean;
  readonly results?: string;
  /** False where nothing of the run is kept. */
  readonly save?: boolean;
  readonly quiet?: boolean;
  readonly progress?: string;
  readonly plot?: boolean;
  readonly rank?: string;
  readonly price?: readonly string[];
  readonly budget?: string;
  readonly dryRun?: boolean;
  /** Whether many types by patterns are launched without asking. */
  readonly yes?: boolean;
  /** The least number of measured sides: 2 for `compare`. */
  readonly leastSides?: number;
  /** The most sides that a pattern may stand for: 1 for `run`. */
  readonly mostSides?: number;
  readonly spread?: string;
  readonly aa?: boolean;
  readonly by?: string;
  readonly wide?: boolean;
  readonly why?: boolean;
  /** Where the spec came from. */
  readonly spec?: SpecOrigin;
  /** Of `plan`: no cloud is asked. */
  readonly offline?: boolean;
  /** Of `plan`: the spec file that is written. */
  readonly saveSpec?: string | undefined;
}

/**
 * Parses the words and options of `compare` and `run`.
 *
 * @throws TimetrialError USAGE, BASELINE_UNKNOWN, REGION_UNKNOWN
 */
export function parseSpec(sideTexts: readonly string[], options: RunOptions, seed: string): Spec {
  const sides = (options.aa === true ? aaSides : parseSides)(sideTexts, imageOf(options.image));
  const command = parseUserCommands(options, sides, process.cwd());
  const suites = options.suite ?? (command === undefined ? ["hashes"] : []);
  const baseline = options.baseline ?? sides[0]?.name ?? "";
  if (!sides.some((side) => side.name === baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: there is no side ${quoteForMessage(baseline)}`, {
      hint: `the sides are ${sides.map((side) => side.name).join(", ")}`,
    });
  }
  const { cloud, region, endpoint } = parseCloudTarget(options);
  const until = options.until === undefined ? undefined : parseUntil(options.until);
  const rounds = roundsOf(options.rounds, until);
  const gate = parseGate(options);
  refuseGateOnOneSide(gate, { sides, command });
  const suiteCount = new Set(suites).size + (command === undefined ? 0 : 1);
  if (until !== undefined && "gate" in until) refuseUndecidable(gate, suiteCount);
  const machines = parseWhole("--machines", options.machines ?? "3", 1, 100);
  return {
    sides,
    baseline,
    suites: [
      ...suites.map((text) => choice(text, options.own)),
      ...(command === undefined ? [] : [{ suite: commandSuiteName }]),
    ],
    machines,
    ...defined({ rounds, until, gate }),
    ...runCounts(options, command !== undefined && suites.length === 0),
    seed: options.seed === undefined ? seed : checkOption("seed", options.seed),
    params: Object.fromEntries((options.set ?? []).map(assignment)),
    cloud,
    ...defined({ region, endpoint }),
    ...launchOptions(options),
    ...tagOptions(options, sides, machines),
    ...(options.disposable === true ? { disposable: true } : {}),
    max_hours: parseMaxHours(options.maxHours),
    ...(options.budget === undefined ? {} : { budget_usd: parseBudget(options.budget) }),
    allow_burstable: options.allowBurstable === true,
    ...defined({ command }),
  };
}

/** The usual number of kept runs of a command; an interval needs six. */
const usualRuns = 9;

/**
 * Parses `-w`, `-r`, `-m` and `-M`. `commandsAlone`: the run has no suites. -m and -M need that, because the usual
 * number of runs is known of commands alone.
 */
function runCounts(options: RunOptions, commandsAlone: boolean): Pick<Spec, "runs" | "warmup"> {
  const { warmup, runs, minRuns, maxRuns, rounds } = options;
  const bounds = [minRuns, maxRuns].some((text) => text !== undefined);
  if ((runs !== undefined || bounds) && (rounds !== undefined || options.until !== undefined))
    throw new TimetrialError(
      "USAGE",
      `--runs: expected no ${rounds === undefined ? "--until" : "--rounds"} beside it`,
      {
        hint: "--runs counts what is kept, --rounds the warm-up too, and --until ends by itself, --rounds at most",
      },
    );
  if (bounds && (runs !== undefined || !commandsAlone))
    throw new TimetrialError("USAGE", "--min-runs, --max-runs: expected commands of your own, and no --runs", {
      hint: "--rounds N says how often the rows of suites are run",
    });
  const least = minRuns === undefined ? 1 : parseWhole("--min-runs", minRuns, 1, 10_000);
  const most = maxRuns === undefined ? 10_000 : parseWhole("--max-runs", maxRuns, 1, 10_000);
  if (least > most) throw new TimetrialError("USAGE", `--min-runs: expected at most --max-runs, ${most}, got ${least}`);
  const kept = bounds ? Math.min(most, Math.max(least, usualRuns)) : undefined;
  return {
    ...(warmup === undefined ? {} : { warmup: parseWhole("--warmup", warmup, 0, 1000) }),
    ...(runs === undefined ? {} : { runs: parseWhole("--runs", runs, 1, 10_000) }),
    ...defined({ runs: kept }),
  };
}

/** Returns the rounds of every row; with `until`, the most rounds. */
function roundsOf(text: string | undefined, until: StoppingRule | undefined): number | undefined {
  if (text === undefined) return until === undefined ? undefined : defaultRoundCap;
  if (until === undefined) return parseWhole("--rounds", text, 1, 10_000);
  return parseWhole("--rounds, the cap of --until", text, firstLook.machines + 1, 10_000);
}

/** The largest gp3 volume. GiB. */
const mostVolume_gib = 16_384;

/** Parses how machines are launched. @throws TimetrialError USAGE */
function launchOptions(options: RunOptions): Partial<Spec> {
  const { spot, tenancy, keepOnFailure, volumeSize } = options;
  if (spot === true && tenancy === "host")
    throw new TimetrialError("USAGE", "--spot: EC2 has no spot instances on dedicated hosts");
  return {
    ...parseLocation(options),
    ...(volumeSize === undefined ? {} : { volume_gib: parseWhole("--volume-size", volumeSize, 1, mostVolume_gib) }),
    ...(spot === true ? { spot } : {}),
    ...(tenancy === undefined ? {} : { tenancy: parseChoice("--tenancy", tenancy, tenancies) }),
    ...(keepOnFailure === true ? { keep_on_failure: true } : {}),
  };
}

/** The options of launches. They are refused beside --tag, which launches nothing. */
const launching = [
  "instanceProfile",
  "image",
  "zone",
  "subnet",
  "securityGroup",
  "spot",
  "tenancy",
  "launchTag",
  "encrypted",
  "kmsKey",
  "volumeSize",
  "keepOnFailure",
] as const;

/** Parses --tag, which selects running machines. @throws TimetrialError USAGE */
function tagOptions(options: RunOptions, sides: Spec["sides"], machines: number): Partial<Spec> {
  const { tag } = options;
  if (tag === undefined) return {};
  const found = sides.flatMap((side) => (side.kind === "ec2" ? [side] : []));
  if (found.length === 0) throw new TimetrialError("USAGE", "--tag: no side is an instance type, such as c7g.8xlarge");
  const useless = launching.find((name) => options[name] !== undefined);
  const imaged = found.find(({ image }) => image !== defaultImage);
  if (useless !== undefined || imaged !== undefined) {
    const what =
      useless === undefined
        ? `${imaged?.type}@${imaged?.image}`
        : `--${useless.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new TimetrialError("USAGE", `${what}: machines found by --tag are as they are`, { hint: "leave out either" });
  }
  const tags = tag.map((text) => parseTag("--tag", text));
  const twice = tags.find(([key], i) => tags.some(([other], j) => j < i && other === key));
  if (twice !== undefined)
    throw new TimetrialError(
      "USAGE",
      `--tag: ${quoteForMessage(twice[0])} is given twice, and a machine has each tag once`,
    );
  return { tags: Object.fromEntries(tags), ...(options.machines === undefined ? {} : { at_most: machines }) };
}

function imageOf(text: string | undefined): string {
  if (text === undefined || imagePattern.test(text)) return text ?? defaultImage;
  throw new TimetrialError("USAGE", `--image: expected an image, got ${quoteForMessage(text)}`, { hint: imageHint });
}

function choice(text: string, own: RunOptions["own"]): SuiteSelection {
  if (isSuiteFolder(text)) {
    const { folder, ...rest } = parseSuiteFolder(text);
    const suite = own?.get(folder);
    if (suite === undefined) throw new RangeError(`nobody has read the manifest in ${folder}`);
    return { suite, folder, ...rest };
  }
  const [suite = "", row, impl, ...more] = text.split("/");
  const name = /^[a-z0-9][a-z0-9._-]{0,39}$/;
  if (more.length > 0 || ![suite, row, impl].every((part) => part === undefined || name.test(part))) {
    throw new TimetrialError(
      "USAGE",
      `--suite: expected NAME, NAME/ROW or NAME/ROW/IMPL, got ${quoteForMessage(text)}`,
      {
        hint: "a folder of your own begins with ./, ../ or /: ./my-suite, ./my-suite:ROW",
      },
    );
  }
  return { suite, ...defined({ row, impl }) };
}

function assignment(text: string): [string, string] {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new TimetrialError("USAGE", `--set: expected NAME=VALUE, got ${quoteForMessage(text)}`);
}
