// The values that a suite's manifest accepts for its parameters. They are checked before anything is launched.

import * as v from "valibot";
import { TimetrialError } from "../errors.ts";
import { quoteForMessage } from "./side.ts";

const whole = v.pipe(v.number("expected a whole number"), v.integer("expected a whole number"));
const text = v.string("expected a text in quotes");

/**
 * Accepted values of a parameter: one of the words, a whole number in the range, or a text that matches the pattern.
 */
export const acceptedValuesSchema = v.strictObject({
  words: v.exactOptional(v.array(text, "expected a list of texts")),
  least: v.exactOptional(whole),
  most: v.exactOptional(whole),
  multiple_of: v.exactOptional(whole),
  /** A regular expression that must match the whole value. */
  pattern: v.exactOptional(v.pipe(text, v.check(isPattern, "expected a regular expression"))),
  /** A description of the pattern, for "expected …". */
  expected: v.exactOptional(text),
});

export type AcceptedValues = Readonly<v.InferOutput<typeof acceptedValuesSchema>>;

/** @throws TimetrialError USAGE where `accepted` does not include `value` for the parameter `name`. */
export function refuseParameterValue(name: string, value: string, accepted: AcceptedValues | undefined): void {
  if (accepted === undefined || accepts(accepted, value)) return;
  throw new TimetrialError(
    "USAGE",
    `--set ${name}: expected ${expectedValues(accepted)}, got ${quoteForMessage(value)}`,
  );
}

export function accepts(accepted: AcceptedValues, value: string): boolean {
  const { words = [], pattern } = accepted;
  if (words.includes(value)) return true;
  if (takesNumbers(accepted) && acceptsNumber(accepted, value)) return true;
  return pattern !== undefined && new RegExp(`^(?:${pattern})$`, "u").test(value);
}

function takesNumbers({ least, most, multiple_of }: AcceptedValues): boolean {
  return least !== undefined || most !== undefined || multiple_of !== undefined;
}

function acceptsNumber({ least = 0, most = Infinity, multiple_of = 1 }: AcceptedValues, value: string): boolean {
  if (!/^(0|[1-9]\d{0,14})$/.test(value)) return false;
  const number = Number(value);
  return number >= least && number <= most && number % multiple_of === 0;
}

/** `auto, c, python or node`; `a whole number from 1 to 64`; `a multiple of 10000 of at least 10000`. */
export function expectedValues(accepted: AcceptedValues): string {
  const { words = [], least, most, multiple_of, pattern, expected } = accepted;
  const range =
    least !== undefined && most !== undefined
      ? ` from ${least} to ${most}`
      : least !== undefined
        ? ` of at least ${least}`
        : most !== undefined
          ? ` of at most ${most}`
          : "";
  const kinds = [
    ...words.map((word) => (word === "" ? "nothing" : word)),
    ...(takesNumbers(accepted)
      ? [`a ${multiple_of === undefined ? "whole number" : `multiple of ${multiple_of}`}${range}`]
      : []),
    ...(pattern === undefined ? [] : [expected ?? `a text like ${pattern}`]),
  ];
  return kinds.length < 2 ? kinds.join("") : `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, "u").source !== "";
  } catch {
    return false;
  }
}
