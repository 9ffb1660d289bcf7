// What the commands' options may say, and what they mean.

import { TimetrialError } from "../domain/errors.ts";
import type { Spec } from "../domain/plan.ts";
import { defaultImage, imageHint, imagePattern, parseSides, quoted } from "../domain/side.ts";
import type { SuiteChoice } from "../domain/suite.ts";
import { isFolder, ownChoice } from "./own-suites.ts";
import { commandSuiteName } from "../domain/command.ts";
import { type CommandOptions, ownCommands } from "./own-commands.ts";

/** Options of `compare` and `run`, as commander hands them over: all texts. */
export interface RunOptions extends CommandOptions {
  readonly suite?: readonly string[];
  /** By the folder of a suite of the user's own, as written: the name in its manifest. */
  readonly own?: ReadonlyMap<string, string>;
  readonly rounds?: string;
  readonly machines: string;
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
  readonly maxHours: string;
  readonly allowBurstable?: boolean;
  readonly results: string;
  readonly quiet?: boolean;
  readonly format: string;
  readonly out?: string;
  readonly by?: string;
}

const regionPattern = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

/** What is to be run. @throws TimetrialError USAGE, BASELINE_UNKNOWN, REGION_UNKNOWN */
export function specOf(sideTexts: readonly string[], options: RunOptions, seed: string): Spec {
  const sides = parseSides(sideTexts, imageOf(options.image));
  const command = ownCommands(options, sides, process.cwd());
  const suites = options.suite ?? (command === undefined ? ["hashes"] : []);
  const baseline = options.baseline ?? sides[0]?.name ?? "";
  if (!sides.some((side) => side.name === baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: there is no side ${quoted(baseline)}`, {
      hint: `the sides are ${sides.map((side) => side.name).join(", ")}`,
    });
  }
  if (options.cloud !== "aws" && options.cloud !== "sandbox") {
    throw new TimetrialError("USAGE", `--cloud: expected aws or sandbox, got ${quoted(options.cloud)}`);
  }
  if (options.region !== undefined && !regionPattern.test(options.region)) {
    throw new TimetrialError(
      "REGION_UNKNOWN",
      `--region: expected a region such as us-east-1, got ${quoted(options.region)}`,
    );
  }
  if (options.endpoint !== undefined && !/^https?:\/\/[^\s/]+/.test(options.endpoint)) {
    throw new TimetrialError(
      "USAGE",
      `--endpoint: expected an address such as http://127.0.0.1:4566, got ${quoted(options.endpoint)}`,
    );
  }
  const rounds = options.rounds === undefined ? undefined : whole("--rounds", options.rounds, 1, 10_000);
  return {
    sides,
    baseline,
    suites: [
      ...suites.map((text) => choice(text, options.own)),
      ...(command === undefined ? [] : [{ suite: commandSuiteName }]),
    ],
    machines: whole("--machines", options.machines, 1, 100),
    ...(rounds === undefined ? {} : { rounds }),
    seed: seedOf(options.seed) ?? seed,
    params: Object.fromEntries((options.set ?? []).map(assignment)),
    cloud: options.cloud,
    ...(options.region === undefined ? {} : { region: options.region }),
    ...launchOptions(options),
    max_hours: hours(options.maxHours),
    allow_burstable: options.allowBurstable === true,
    ...(command === undefined ? {} : { command }),
  };
}

/** What is said of launches. @throws TimetrialError USAGE */
function launchOptions(options: RunOptions): Partial<Spec> {
  const { instanceProfile, zone, subnet, securityGroup, spot, tenancy, keepOnFailure, tag } = options;
  return {
    ...fitting("instance_profile", instanceProfile, /^[\w+=,.@-]{1,128}$/, "the name of an instance profile"),
    ...fitting("zone", zone, /^[a-z]{2,4}(-[a-z]+)+-\d[a-z]([0-9a-z-]*)$/, "a zone such as us-east-1a"),
    ...fitting("subnet", subnet, /^subnet-[0-9a-f]{8,17}$/, "a subnet's id, subnet-…"),
    ...(securityGroup === undefined ? {} : { security_groups: securityGroup.map(groupOf) }),
    ...(spot === true ? { spot } : {}),
    ...(tenancy === undefined ? {} : { tenancy: oneOf("--tenancy", tenancy, ["default", "dedicated", "host"]) }),
    ...(keepOnFailure === true ? { keep_on_failure: true } : {}),
    ...(tag === undefined ? {} : { tags: Object.fromEntries(tag.map(tagOf)) }),
  };
}

function fitting<const K extends keyof Spec>(
  key: K,
  text: string | undefined,
  pattern: RegExp,
  what: string,
): { [P in K]?: string } {
  if (text === undefined) return {};
  if (pattern.test(text)) return { [key]: text } as { [P in K]?: string };
  throw new TimetrialError("USAGE", `--${key.replaceAll("_", "-")}: expected ${what}, got ${quoted(text)}`);
}

function groupOf(text: string): string {
  if (/^sg-[0-9a-f]{8,17}$/.test(text)) return text;
  throw new TimetrialError("USAGE", `--security-group: expected a group's id, sg-…, got ${quoted(text)}`);
}

/** Limits of EC2's tags: 128 characters of key, 256 of value. */
function tagOf(text: string): [string, string] {
  const [, key, value] = /^([^=]{1,128})=(.{0,256})$/su.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new TimetrialError("USAGE", `--tag: expected KEY=VALUE, got ${quoted(text)}`);
}

function imageOf(text: string | undefined): string {
  if (text === undefined || imagePattern.test(text)) return text ?? defaultImage;
  throw new TimetrialError("USAGE", `--image: expected an image, got ${quoted(text)}`, { hint: imageHint });
}

/** @throws TimetrialError USAGE */
export function oneOf<const T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  throw new TimetrialError("USAGE", `${option}: expected ${known.join(" or ")}, got ${quoted(text)}`);
}

/** @throws TimetrialError USAGE */
export function whole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new TimetrialError("USAGE", `${option}: expected a whole number from ${least} to ${most}, got ${quoted(text)}`);
}

function hours(text: string): number {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.1 && value <= 720) return value;
  throw new TimetrialError("USAGE", `--max-hours: expected hours from 0.1 to 720, got ${quoted(text)}`);
}

function seedOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  throw new TimetrialError("USAGE", `--seed: expected at most 64 letters, digits and . _ -, got ${quoted(text)}`);
}

function choice(text: string, own: RunOptions["own"]): SuiteChoice {
  if (isFolder(text)) {
    const { folder, ...rest } = ownChoice(text);
    const suite = own?.get(folder);
    if (suite === undefined) throw new RangeError(`nobody has read the manifest in ${folder}`);
    return { suite, folder, ...rest };
  }
  const [suite = "", row, impl, ...more] = text.split("/");
  const name = /^[a-z0-9][a-z0-9._-]{0,39}$/;
  if (more.length > 0 || ![suite, row, impl].every((part) => part === undefined || name.test(part))) {
    throw new TimetrialError("USAGE", `--suite: expected NAME, NAME/ROW or NAME/ROW/IMPL, got ${quoted(text)}`, {
      hint: "a folder of your own begins with ./, ../ or /: ./my-suite, ./my-suite:ROW",
    });
  }
  return { suite, ...(row === undefined ? {} : { row }), ...(impl === undefined ? {} : { impl }) };
}

function assignment(text: string): [string, string] {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new TimetrialError("USAGE", `--set: expected NAME=VALUE, got ${quoted(text)}`);
}
