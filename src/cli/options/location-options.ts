// Options that say where machines are and how they are launched, for every command that has them: one pattern each.

import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { parseChoice } from "./option-values.ts";

export interface LocationOptions {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly zone?: string | undefined;
  readonly subnet?: string | undefined;
  readonly securityGroup?: readonly string[] | undefined;
  readonly instanceProfile?: string | undefined;
  readonly seed?: string | undefined;
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
  seed: { flag: "--seed", pattern: /^[A-Za-z0-9._-]{1,64}$/, expected: "at most 64 letters, digits and . _ -" },
} as const satisfies Record<keyof LocationOptions, OptionRule>;

/** `text` as it is. @throws TimetrialError USAGE, or REGION_UNKNOWN, where it does not fit the option's pattern */
export function checkOption(option: keyof LocationOptions, text: string): string {
  const { flag, pattern, expected, code = "USAGE" }: OptionRule = rules[option];
  if (pattern.test(text)) return text;
  throw new TimetrialError(code, `${flag}: expected ${expected}, got ${quoteForMessage(text)}`);
}

/** Which cloud is asked, and where. */
export interface CloudTarget {
  readonly cloud: "aws" | "sandbox";
  readonly region?: string;
  readonly endpoint?: string;
}

/**
 * The region is kept with the run: `resume` may be called from a shell with another environment.
 *
 * @throws TimetrialError USAGE, REGION_UNKNOWN
 */
export function parseCloudTarget(options: {
  readonly cloud: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}): CloudTarget {
  const { endpoint } = options;
  const cloud = parseChoice("--cloud", options.cloud, ["aws", "sandbox"]);
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = options.region ?? (cloud === "aws" ? AWS_REGION || AWS_DEFAULT_REGION || undefined : undefined);
  if (region !== undefined) checkOption("region", region);
  if (endpoint !== undefined) checkOption("endpoint", endpoint);
  return { cloud, ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) };
}

/** What each option is called in a spec. */
const fields = { zone: "zone", subnet: "subnet", instanceProfile: "instance_profile" } as const;

export interface LocationFields {
  zone?: string;
  subnet?: string;
  instance_profile?: string;
  security_groups?: string[];
}

/** The fields of a spec that `options` give. @throws TimetrialError USAGE */
export function parseLocation(options: LocationOptions): LocationFields {
  const parsed: LocationFields = {};
  for (const option of ["zone", "subnet", "instanceProfile"] as const) {
    const text = options[option];
    if (text !== undefined) parsed[fields[option]] = checkOption(option, text);
  }
  if (options.securityGroup !== undefined)
    parsed.security_groups = options.securityGroup.map((id) => checkOption("securityGroup", id));
  return parsed;
}

/** Hours that a launched machine may live. @throws TimetrialError USAGE */
export function parseMaxHours(text: string): number {
  return parseNumber("--max-hours", text, 0.1, 720, "hours");
}

/** @throws TimetrialError USAGE where `text` is no number from `least` to `most` */
export function parseNumber(flag: string, text: string, least: number, most: number, unit: string): number {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new TimetrialError("USAGE", `${flag}: expected ${unit} from ${least} to ${most}, got ${quoteForMessage(text)}`);
}
