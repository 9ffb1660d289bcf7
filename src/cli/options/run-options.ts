// What the commands' options may say, and what they mean.

import { aaSides } from "../../domain/plan/aa-sides.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { parseBudget } from "../../domain/cost/price-list.ts";
import { defaultImage, imageHint, imagePattern, parseSides, quoteForMessage } from "../../domain/plan/side.ts";
import type { SuiteSelection } from "../../domain/plan/suite.ts";
import { firstLook, type StoppingRule, defaultRoundCap } from "../../domain/plan/stopping-rule.ts";
import { isSuiteFolder, parseSuiteFolder } from "./user-suites.ts";
import { parseUntil } from "./until-option.ts";
import { commandSuiteName } from "../../domain/plan/user-command.ts";
import { type UserCommandOptions, parseUserCommands } from "./user-commands.ts";
import { matching, parseChoice, parseWhole } from "./option-values.ts";

/** Options of `compare` and `run`, as commander hands them over: all texts. */
export interface RunOptions extends UserCommandOptions {
  readonly suite?: readonly string[];
  /** By the folder of a suite of the user's own, as written: the name in its manifest. */
  readonly own?: ReadonlyMap<string, string>;
  readonly rounds?: string;
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
  readonly keepOnFailure?: boolean;
  readonly tag?: readonly string[];
  readonly baseline?: string;
  readonly disposable?: boolean;
  readonly maxHours: string;
  readonly allowBurstable?: boolean;
  readonly results: string;
  readonly quiet?: boolean;
  readonly format: string;
  readonly out?: string;
  readonly plot?: boolean;
  readonly price?: readonly string[];
  readonly budget?: string;
  readonly dryRun?: boolean;
  readonly spread?: string;
  readonly aa?: boolean;
  readonly by?: string;
  readonly wide?: boolean;
}

const regionPattern = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

/** What is to be run. @throws TimetrialError USAGE, BASELINE_UNKNOWN, REGION_UNKNOWN */
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
  const machines = parseWhole("--machines", options.machines ?? "3", 1, 100);
  return {
    sides,
    baseline,
    suites: [
      ...suites.map((text) => choice(text, options.own)),
      ...(command === undefined ? [] : [{ suite: commandSuiteName }]),
    ],
    machines,
    ...(rounds === undefined ? {} : { rounds }),
    ...(until === undefined ? {} : { until }),
    seed: seedOf(options.seed) ?? seed,
    params: Object.fromEntries((options.set ?? []).map(assignment)),
    cloud,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...launchOptions(options),
    ...tagOptions(options, sides, machines),
    ...(options.disposable === true ? { disposable: true } : {}),
    max_hours: hours(options.maxHours),
    ...(options.budget === undefined ? {} : { budget_usd: parseBudget(options.budget) }),
    allow_burstable: options.allowBurstable === true,
    ...(command === undefined ? {} : { command }),
  };
}

/** Rounds of every row; where they end by `until`, the most that there may be. */
function roundsOf(text: string | undefined, until: StoppingRule | undefined): number | undefined {
  if (text === undefined) return until === undefined ? undefined : defaultRoundCap;
  if (until === undefined) return parseWhole("--rounds", text, 1, 10_000);
  return parseWhole("--rounds, the cap of --until", text, firstLook.machines + 1, 10_000);
}

/** Which cloud is asked, and where. */
export interface CloudTarget {
  readonly cloud: "aws" | "sandbox";
  readonly region?: string;
  readonly endpoint?: string;
}

/**
 * The region as the AWS CLI takes it from its environment: kept with the run, which may go on in another shell.
 *
 * @throws TimetrialError USAGE, REGION_UNKNOWN
 */
export function parseCloudTarget(options: Pick<RunOptions, "cloud" | "region" | "endpoint">): CloudTarget {
  const { cloud, endpoint } = options;
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = options.region ?? (cloud === "aws" ? AWS_REGION || AWS_DEFAULT_REGION || undefined : undefined);
  if (cloud !== "aws" && cloud !== "sandbox") {
    throw new TimetrialError("USAGE", `--cloud: expected aws or sandbox, got ${quoteForMessage(cloud)}`);
  }
  if (region !== undefined && !regionPattern.test(region)) {
    throw new TimetrialError(
      "REGION_UNKNOWN",
      `--region: expected a region such as us-east-1, got ${quoteForMessage(region)}`,
    );
  }
  if (endpoint !== undefined && !/^https?:\/\/[^\s/]+/.test(endpoint)) {
    throw new TimetrialError(
      "USAGE",
      `--endpoint: expected an address such as http://127.0.0.1:4566, got ${quoteForMessage(endpoint)}`,
    );
  }
  return { cloud, ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) };
}

/** What is said of launches. @throws TimetrialError USAGE */
function launchOptions(options: RunOptions): Partial<Spec> {
  const { instanceProfile, zone, subnet, securityGroup, spot, tenancy, keepOnFailure } = options;
  if (spot === true && tenancy === "host")
    throw new TimetrialError("USAGE", "--spot: EC2 has no spot instances on dedicated hosts");
  return {
    ...fitting("instance_profile", instanceProfile, /^[\w+=,.@-]{1,128}$/, "the name of an instance profile"),
    ...fitting("zone", zone, /^[a-z]{2,4}(-[a-z]+)+-\d[a-z]([0-9a-z-]*)$/, "a zone such as us-east-1a"),
    ...fitting("subnet", subnet, /^subnet-[0-9a-f]{8,17}$/, "a subnet's id, subnet-…"),
    ...(securityGroup === undefined ? {} : { security_groups: securityGroup.map(groupOf) }),
    ...(spot === true ? { spot } : {}),
    ...(tenancy === undefined ? {} : { tenancy: parseChoice("--tenancy", tenancy, ["default", "dedicated", "host"]) }),
    ...(keepOnFailure === true ? { keep_on_failure: true } : {}),
  };
}

/** Options that say how machines are launched: beside --tag, which launches none, each would be a promise not kept. */
const launching = [
  "instanceProfile",
  "image",
  "zone",
  "subnet",
  "securityGroup",
  "spot",
  "tenancy",
  "keepOnFailure",
] as const;

/** What is said of machines that are found. @throws TimetrialError USAGE */
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
  const tags = tag.map(tagOf);
  const twice = tags.find(([key], i) => tags.some(([other], j) => j < i && other === key));
  if (twice !== undefined)
    throw new TimetrialError(
      "USAGE",
      `--tag: ${quoteForMessage(twice[0])} is given twice, and a machine has each tag once`,
    );
  return { tags: Object.fromEntries(tags), ...(options.machines === undefined ? {} : { at_most: machines }) };
}

function fitting<const K extends keyof Spec>(
  key: K,
  text: string | undefined,
  pattern: RegExp,
  what: string,
): { [P in K]?: string } {
  if (text === undefined) return {};
  return { [key]: matching(`--${key.replaceAll("_", "-")}`, text, pattern, what) } as { [P in K]?: string };
}

function groupOf(text: string): string {
  if (/^sg-[0-9a-f]{8,17}$/.test(text)) return text;
  throw new TimetrialError("USAGE", `--security-group: expected a group's id, sg-…, got ${quoteForMessage(text)}`);
}

/** Limits of EC2's tags: 128 characters of key, 256 of value. */
function tagOf(text: string): [string, string] {
  const [, key, value] = /^([^=]{1,128})=(.{0,256})$/su.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new TimetrialError("USAGE", `--tag: expected KEY=VALUE, got ${quoteForMessage(text)}`);
}

function imageOf(text: string | undefined): string {
  if (text === undefined || imagePattern.test(text)) return text ?? defaultImage;
  throw new TimetrialError("USAGE", `--image: expected an image, got ${quoteForMessage(text)}`, { hint: imageHint });
}

function hours(text: string): number {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.1 && value <= 720) return value;
  throw new TimetrialError("USAGE", `--max-hours: expected hours from 0.1 to 720, got ${quoteForMessage(text)}`);
}

function seedOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  throw new TimetrialError(
    "USAGE",
    `--seed: expected at most 64 letters, digits and . _ -, got ${quoteForMessage(text)}`,
  );
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
  return { suite, ...(row === undefined ? {} : { row }), ...(impl === undefined ? {} : { impl }) };
}

function assignment(text: string): [string, string] {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new TimetrialError("USAGE", `--set: expected NAME=VALUE, got ${quoteForMessage(text)}`);
}
