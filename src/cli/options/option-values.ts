// Parses the values of options.

import { TimetrialError } from "../../domain/errors.ts";
import { nearestName } from "../../domain/nearest-name.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";

/** Returns the name of `known` that `text` is. @throws TimetrialError USAGE */
export function parseChoice<const T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  const near = nearestName(text, known);
  throw new TimetrialError(
    "USAGE",
    `${option}: expected ${listed(known)}, got ${quoteForMessage(text)}`,
    near === undefined ? {} : { hint: `did you mean ${near}?` },
  );
}

/** Parses a whole number from `least` to `most`. @throws TimetrialError USAGE */
export function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new TimetrialError(
    "USAGE",
    `${option}: expected a whole number from ${least} to ${most}, got ${quoteForMessage(text)}`,
  );
}

/** Returns `text`, the value of `option`. @throws TimetrialError USAGE where it does not fit `pattern` */
export function matching(option: string, text: string, pattern: RegExp, what: string): string {
  if (pattern.test(text)) return text;
  throw new TimetrialError("USAGE", `${option}: expected ${what}, got ${quoteForMessage(text)}`);
}

/** Returns `a, b or c`. */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" or ");
}
