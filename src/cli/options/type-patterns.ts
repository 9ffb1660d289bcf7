// Replaces patterns over instance types among a command's sides by the types that the region offers.

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";
import { expandTypePatterns, parseTypePattern, someFitsNone } from "../../domain/plan/type-pattern.ts";
import { parseSide, quoteForMessage } from "../../domain/plan/side.ts";
import { say } from "../output/terminal.ts";
import { openInstanceTypes } from "../wiring.ts";
import { parseCloudTarget } from "./location-options.ts";

export interface PatternOptions {
  readonly cloud: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly tag?: readonly string[];
  readonly allowBurstable?: boolean;
  readonly quiet?: boolean;
  /** Whether no cloud may be asked. */
  readonly offline?: boolean;
  /** The most sides that a pattern may stand for. */
  readonly mostSides?: number;
}

/** The sides that words stand for. */
export interface ReplacedPatterns {
  readonly words: readonly string[];
  /** How many of them patterns stand for. */
  readonly found: number;
}

/**
 * Returns `words` with each pattern replaced by its types, and says on standard error which they are. Asks EC2 only where
 * there is a pattern.
 *
 * @throws TimetrialError USAGE, TYPE_UNKNOWN, REFUSED, REGION_UNKNOWN, NO_CREDENTIALS, CLOUD
 */
export async function replaceTypePatterns(
  words: readonly string[],
  options: PatternOptions,
): Promise<ReplacedPatterns> {
  const patterns = words.flatMap((word) => parseTypePattern(word) ?? []);
  const [first] = patterns;
  if (first === undefined) return { words, found: 0 };
  if (options.tag !== undefined)
    throw new TimetrialError("USAGE", `--tag: expected types, got the pattern ${quoteForMessage(first.text)}`, {
      hint: "a pattern stands for types that are launched; --tag finds machines that run already",
    });
  if (options.offline === true)
    throw new TimetrialError("USAGE", `--offline: expected types, got the pattern ${quoteForMessage(first.text)}`, {
      hint: "only EC2 knows which types its region offers: write the types, or leave out --offline",
    });
  // Whatever else is wrong with the words is said before anything is asked.
  for (const word of words) if (parseTypePattern(word) === undefined) parseSide(word);
  const types = await openInstanceTypes(parseCloudTarget(options));
  const found = await types.fitting(patterns.map(({ pattern }) => pattern));
  const offered = someFitsNone(patterns, found) ? await types.fitting(["*"]) : found;
  const place = { region: types.region, allow_burstable: options.allowBurstable === true };
  const expanded = expandTypePatterns(words, offered, place);
  const { mostSides = Infinity } = options;
  if (expanded.words.length > mostSides)
    throw new TimetrialError(
      "USAGE",
      `run: expected one side, and ${quoteForMessage(first.text)} stands for ${expanded.words.length}`,
      { hint: `timetrial compare '${first.text}' measures all of them` },
    );
  if (options.quiet !== true) {
    for (const [pattern, names] of expanded.types) say(printable(`${pattern}: ${names.join(", ")}`));
    if (expanded.burstable.length > 0)
      say(printable(`left out, since their times depend on CPU credits: ${expanded.burstable.join(", ")}`));
  }
  return { words: expanded.words, found: expanded.words.length - (words.length - patterns.length) };
}
