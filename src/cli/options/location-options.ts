// Options that say where machines are and how they are launched, for every command that has them. Each option has one
// pattern.

import { defined } from "../../domain/defined.ts";
import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { clouds } from "./choices.ts";
import { parseChoice } from "./option-values.ts";

export interface LocationOptions {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly zone?: string | undefined;
  readonly subnet?: string | undefined;
  readonly securityGroup?: readonly string[] | undefined;
  readonly instanceProfile?: string | undefined;
  readonly seed?: string | undefined;
  readonly kmsKey?: string | undefined;
}

/** The options of a launch: where, and how. */
export interface LaunchOptions extends LocationOptions {
  readonly launchTag?: readonly string[] | undefined;
  readonly encrypted?: boolean | undefined;
}

interface OptionRule {
  readonly flag: string;
  readonly pattern: RegExp;
  readonly expected: string;
  readonly code?: ErrorCode;
}

const rules = {
  region: {
    flag: "--region",
    pattern: /^[a-z]{2,4}(-[a-z]+)+-\d$/,
    expected: "a region such as us-east-1",
    code: "REGION_UNKNOWN",
  },
  endpoint: {
    flag: "--endpoint",
    pattern: /^https?:\/\/[^\s/]+/,
    expected: "an address such as http://127.0.0.1:4566",
  },
  zone: {
    flag: "--zone",
    pattern: /^[a-z]{2,4}(-[a-z]+)+-\d[a-z]([0-9a-z-]*)$/,
    expected: "a zone such as us-east-1a",
  },
  subnet: { flag: "--subnet", pattern: /^subnet-[0-9a-f]{8,17}$/, expected: "a subnet's id, subnet-…" },
  securityGroup: { flag: "--security-group", pattern: /^sg-[0-9a-f]{8,17}$/, expected: "a group's id, sg-…" },
  instanceProfile: {
    flag: "--instance-profile",
    pattern: /^[\w+=,.@-]{1,128}$/,
    expected: "the name of an instance profile",
  },
  kmsKey: {
    flag: "--kms-key",
    pattern:
      /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/[\w/-]{1,250}|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]{1,250})$/,
    expected: "a key's id, alias/NAME or ARN",
  },
  seed: { flag: "--seed", pattern: /^[A-Za-z0-9._-]{1,64}$/, expected: "at most 64 letters, digits and . _ -" },
} as const satisfies Record<keyof LocationOptions, OptionRule>;

/**
 * Returns `text` unchanged.
 *
 * @throws TimetrialError USAGE, or REGION_UNKNOWN, where it does not fit the option's pattern
 */
export function checkOption(option: keyof LocationOptions, text: string): string {
  const { flag, pattern, expected, code = "USAGE" }: OptionRule = rules[option];
  if (pattern.test(text)) return text;
  throw new TimetrialError(code, `${flag}: expected ${expected}, got ${quoteForMessage(text)}`);
}

/** The cloud that is called, and the place in it. */
export interface CloudTarget {
  readonly cloud: "aws" | "sandbox";
  readonly region?: string;
  readonly endpoint?: string;
}

/**
 * Parses --cloud, --region and --endpoint. A region of the environment becomes part of the result, so that the run
 * keeps it: `resume` may be called from a shell with another environment.
 *
 * @throws TimetrialError USAGE, REGION_UNKNOWN
 */
export function parseCloudTarget(options: {
  readonly cloud: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}): CloudTarget {
  const { endpoint } = options;
  const cloud = parseChoice("--cloud", options.cloud, clouds);
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = options.region ?? (cloud === "aws" ? AWS_REGION || AWS_DEFAULT_REGION || undefined : undefined);
  if (region !== undefined) checkOption("region", region);
  if (endpoint !== undefined) checkOption("endpoint", endpoint);
  return { cloud, ...defined({ region, endpoint }) };
}

/** The field of a spec that each option sets. */
const fields = { zone: "zone", subnet: "subnet", instanceProfile: "instance_profile" } as const;

export interface LocationFields {
  zone?: string;
  subnet?: string;
  instance_profile?: string;
  security_groups?: string[];
  launch_tags?: Record<string, string>;
  encrypted?: boolean;
  kms_key?: string;
}

/** Returns the fields of a spec that `options` set. @throws TimetrialError USAGE */
export function parseLocation(options: LaunchOptions): LocationFields {
  const parsed: LocationFields = {};
  for (const option of ["zone", "subnet", "instanceProfile"] as const) {
    const text = options[option];
    if (text !== undefined) parsed[fields[option]] = checkOption(option, text);
  }
  if (options.securityGroup !== undefined)
    parsed.security_groups = options.securityGroup.map((id) => checkOption("securityGroup", id));
  if (options.launchTag !== undefined) parsed.launch_tags = parseLaunchTags(options.launchTag);
  if (options.kmsKey !== undefined) parsed.kms_key = checkOption("kmsKey", options.kmsKey);
  // As in the AWS CLI, a key has no use without encryption.
  if (options.encrypted === true || options.kmsKey !== undefined) parsed.encrypted = true;
  return parsed;
}

/** EC2 allows 50 tags on a resource; five are timetrial's own. */
const mostLaunchTags = 45;

/** Parses the values of --launch-tag. @throws TimetrialError USAGE */
function parseLaunchTags(texts: readonly string[]): Record<string, string> {
  const tags = new Map<string, string>();
  for (const text of texts) {
    const [key, value] = parseTag("--launch-tag", text);
    const isReserved = /^(aws|timetrial):/i.test(key);
    if (isReserved)
      throw new TimetrialError(
        "USAGE",
        `--launch-tag: keys that begin with aws: or timetrial: are not the user's, got ${quoteForMessage(text)}`,
      );
    if (tags.has(key))
      throw new TimetrialError(
        "USAGE",
        `--launch-tag: ${quoteForMessage(key)} is given twice, and a machine has each tag once`,
      );
    tags.set(key, value);
  }
  if (tags.size > mostLaunchTags)
    throw new TimetrialError("USAGE", `--launch-tag: expected at most ${mostLaunchTags}, got ${tags.size}`);
  return Object.fromEntries(tags);
}

/**
 * Parses `KEY=VALUE` within EC2's limits for tags: 128 characters of key, 256 of value.
 *
 * @throws TimetrialError USAGE
 */
export function parseTag(flag: string, text: string): [key: string, value: string] {
  const [, key, value] = /^([^=]{1,128})=(.{0,256})$/su.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new TimetrialError("USAGE", `${flag}: expected KEY=VALUE, got ${quoteForMessage(text)}`);
}

/** Parses the hours that a launched machine may live. @throws TimetrialError USAGE */
export function parseMaxHours(text: string): number {
  return parseNumber("--max-hours", text, 0.1, 720, "hours");
}

/** Parses a number of `unit`. @throws TimetrialError USAGE where `text` is no number from `least` to `most` */
export function parseNumber(flag: string, text: string, least: number, most: number, unit: string): number {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new TimetrialError("USAGE", `${flag}: expected ${unit} from ${least} to ${most}, got ${quoteForMessage(text)}`);
}
