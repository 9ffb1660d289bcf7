// Converts the options of `boot` to a spec.

import { createHash } from "node:crypto";
import { defined } from "../../domain/defined.ts";
import type { BootSide, BootSpec } from "../../domain/boot/boot.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { parseBudget } from "../../domain/cost/price-list.ts";
import { defaultImage, imageHint, imagePattern, parseSide, quoteForMessage } from "../../domain/plan/side.ts";
import type { SpecOrigin } from "../spec/spec-origin.ts";
import { readOptionFile } from "../wiring.ts";
import { parseWhole } from "./option-values.ts";
import { checkOption, parseCloudTarget, parseLocation, parseMaxHours, parseNumber } from "./location-options.ts";

/** The options of `boot` as commander returns them: all texts. */
export interface BootOptions {
  readonly image?: readonly string[];
  readonly boots: string;
  readonly port: string;
  readonly parallel: string;
  readonly timeout: string;
  readonly maxHours: string;
  readonly budget?: string;
  readonly price?: readonly string[];
  readonly ipv6?: boolean;
  readonly privateAddress?: boolean;
  readonly ssm?: boolean;
  readonly userData?: string;
  readonly screenshots?: string;
  readonly baseline?: string;
  readonly seed?: string;
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly zone?: string;
  readonly subnet?: string;
  readonly securityGroup?: readonly string[];
  readonly instanceProfile?: string;
  readonly launchTag?: readonly string[];
  readonly encrypted?: boolean;
  readonly kmsKey?: string;
  readonly allowBurstable?: boolean;
  /** Whether many types by patterns are booted without asking. */
  readonly yes?: boolean;
  readonly results: string;
  readonly quiet?: boolean;
  readonly progress?: string;
  /** Whether the plan is printed, and nothing is launched. */
  readonly dryRun?: boolean;
  readonly format: string;
  readonly out?: string;
  /** Where the spec came from. */
  readonly spec?: SpecOrigin;
}

/** The most boots of one run: some hours of booting one machine after the other. */
const mostBoots = 1000;
const publishedWord = /^published:(.+)$/;

/** Returns the ids of the published figures that `words` name. */
export function publishedNames(words: readonly string[]): string[] {
  return words.flatMap((word) => publishedWord.exec(word)?.[1] ?? []);
}

/** Parses the words and options of `boot`. @throws TimetrialError USAGE, BASELINE_UNKNOWN, REGION_UNKNOWN, REFUSED */
export function parseBootSpec(
  words: readonly string[],
  options: BootOptions,
  seed: string,
  userData?: Uint8Array,
): BootSpec {
  const sides = sidesOf(
    words.filter((word) => !publishedWord.test(word)),
    options.image ?? [],
  );
  const { cloud, region } = parseCloudTarget(options);
  const boots = parseWhole("--boots", options.boots, 1, mostBoots);
  if (boots * sides.length > mostBoots) {
    throw new TimetrialError(
      "USAGE",
      `--boots: expected at most ${mostBoots} boots in one run, got ${boots} of each of ${sides.length} sides`,
    );
  }
  const baseline = options.baseline ?? sides[0]?.name ?? "";
  if (!sides.some(({ name }) => name === baseline)) {
    throw new TimetrialError("BASELINE_UNKNOWN", `--baseline: there is no side ${quoteForMessage(baseline)}`, {
      hint: `the sides are ${sides.map(({ name }) => name).join(", ")}`,
    });
  }
  const port = parseWhole("--port", options.port, 1, 65_535);
  if (options.ipv6 === true && options.privateAddress === true)
    throw new TimetrialError(
      "USAGE",
      "--private-address: an IPv6 address is neither private nor public: leave out one",
    );
  const isCloud = sides.some(({ type }) => type !== "firecracker");
  if (isCloud && cloud === "aws" && options.securityGroup === undefined && options.dryRun !== true) {
    throw new TimetrialError("REFUSED", `boot needs a security group that lets TCP port ${port} in from here`, {
      hint: "name one with --security-group sg-…: nothing is opened for you",
    });
  }
  return {
    sides,
    baseline,
    boots,
    port,
    address: options.privateAddress === true ? "private" : "public",
    family: options.ipv6 === true ? 6 : 4,
    parallel: parseWhole("--parallel", options.parallel, 1, 50),
    seed: options.seed === undefined ? seed : checkOption("seed", options.seed),
    ssm: options.ssm === true,
    screenshots: options.screenshots !== undefined,
    timeout_s: parseNumber("--timeout", options.timeout, 1, 7200, "seconds"),
    describe_every_s: 0.05,
    probe_every_s: 0.01,
    probe_life_s: 1,
    cloud,
    ...defined({ region }),
    ...parseLocation(options),
    ...(userData === undefined ? {} : { user_data_digest: createHash("sha256").update(userData).digest("hex") }),
    max_hours: parseMaxHours(options.maxHours),
    ...(options.budget === undefined ? {} : { budget_usd: parseBudget(options.budget) }),
    allow_burstable: options.allowBurstable === true,
  };
}

/** EC2 refuses more, before base64. */
const mostUserData_bytes = 16_384;

/**
 * Reads the user's own user-data.
 *
 * @throws TimetrialError USAGE where it is no plain file, cannot be read, is empty, or is too large for EC2
 */
export async function readUserData(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  const bytes = await readOptionFile("--user-data", path, mostUserData_bytes);
  if (bytes.length > 0) return bytes;
  throw new TimetrialError(
    "USAGE",
    `--user-data ${quoteForMessage(path)}: expected 1 to ${mostUserData_bytes} bytes, found 0`,
  );
}

/** Returns a side for each type with each image. A type that names its own image has that image alone. */
function sidesOf(words: readonly string[], images: readonly string[]): BootSide[] {
  for (const image of images) {
    if (!imagePattern.test(image))
      throw new TimetrialError("USAGE", `--image: expected an image, got ${quoteForMessage(image)}`, {
        hint: imageHint,
      });
  }
  if (words.length === 0)
    throw new TimetrialError("USAGE", "boot: expected a type such as c7g.large, or published:boot-2021");
  const found: BootSide[] = [];
  for (const word of words) {
    const chosen = word.includes("@") || images.length === 0 ? [images[0] ?? defaultImage] : images;
    for (const image of chosen) {
      const side = parseSide(word, image);
      if (side.kind === "firecracker") {
        if (found.some(({ name }) => name === side.name))
          throw new TimetrialError("USAGE", `two sides are called ${quoteForMessage(side.name)}`);
        found.push({ name: side.name, type: "firecracker", image: side.file });
        break;
      }
      if (side.kind !== "ec2")
        throw new TimetrialError(
          "USAGE",
          `boot: expected a type such as c7g.large or firecracker:FILE.toml, got ${quoteForMessage(word)}`,
          {
            hint: "boot launches its machines itself: those that run already have booted",
          },
        );
      const name = chosen.length > 1 ? `${side.name}@${image}` : side.name;
      if (found.some((other) => other.name === name))
        throw new TimetrialError("USAGE", `two sides are called ${quoteForMessage(name)}`);
      found.push({ name, type: side.type, image: side.image });
    }
  }
  return found;
}
