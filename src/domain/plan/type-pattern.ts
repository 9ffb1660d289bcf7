// Patterns over instance types among the sides that a user writes, such as `c7g.*large`: `*` and `?` as in EC2's filters.

import { TimetrialError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";
import { fitsWildcards, parseWildcards } from "../wildcards.ts";
import { imageHint, imagePattern, isInstanceType, quoteForMessage } from "./side.ts";

/** A word that stands for all types of a region that fit it, each with the same image. */
export interface TypePattern {
  /** The word as written. */
  readonly text: string;
  readonly pattern: string;
  /** The image behind it with its `@`; empty where none is named. */
  readonly image: string;
}

/** What is known of a type that a pattern may stand for. */
export interface OfferedType {
  readonly name: string;
  readonly burstable: boolean;
}

/** Whether one of `patterns` fits none of `offered`. */
export function someFitsNone(patterns: readonly TypePattern[], offered: readonly OfferedType[]): boolean {
  return patterns.some((pattern) => fitting(pattern, offered).length === 0);
}

/** The sides that words with patterns stand for. */
export interface ExpandedSides {
  /** The words, each pattern replaced by its types. */
  readonly words: readonly string[];
  /** By pattern: the types that it stands for, those included that another word names. */
  readonly types: ReadonlyMap<string, readonly string[]>;
  /** Types that fit, and are left out because their speed depends on credits. */
  readonly burstable: readonly string[];
}

/** Returns the pattern that `word` is; undefined where it is another side. @throws TimetrialError USAGE */
export function parseTypePattern(word: string): TypePattern | undefined {
  const [, label, pattern = "", image = ""] = /^([^=@]+=)?([a-z0-9*?.-]{1,64})(@.+)?$/s.exec(word) ?? [];
  if (!/[*?]/.test(pattern)) return undefined;
  if (label === undefined) {
    if (image !== "" && !imagePattern.test(image.slice(1)))
      throw new TimetrialError(
        "USAGE",
        `side ${quoteForMessage(word)}: expected an image, got ${quoteForMessage(image.slice(1))}`,
        {
          hint: imageHint,
        },
      );
    return { text: word, pattern, image };
  }
  throw new TimetrialError(
    "USAGE",
    `side ${quoteForMessage(word)}: a label names one side, a pattern stands for several`,
    {
      hint: "leave out the label, or write the types",
    },
  );
}

/**
 * Replaces each pattern among `words` by the types of `offered` that fit it, in their order. A type that another word
 * names, or an earlier pattern, is not repeated. Burstable types are left out unless `allow_burstable`.
 *
 * @throws TimetrialError TYPE_UNKNOWN where a pattern fits no type, REFUSED where it fits burstable ones alone
 */
export function expandTypePatterns(
  words: readonly string[],
  offered: readonly OfferedType[],
  { region, allow_burstable }: { readonly region: string; readonly allow_burstable: boolean },
): ExpandedSides {
  const parsed = words.map((word) => parseTypePattern(word));
  const taken = new Set(words.filter((_, i) => parsed[i] === undefined).map((word) => word.replace(/^[^=@]+=/, "")));
  const types = new Map<string, readonly string[]>();
  const burstable = new Set<string>();
  const expanded = words.flatMap((word, i) => {
    const found = parsed[i];
    if (found === undefined) return [word];
    const fits = fitting(found, offered);
    if (fits.length === 0) throw unknownPattern(found, offered, region);
    const usable = fits.filter((type) => allow_burstable || !type.burstable).map(({ name }) => name);
    if (usable.length === 0)
      throw new TimetrialError(
        "REFUSED",
        `side ${quoteForMessage(word)}: all its types are burstable: their times depend on CPU credits`,
        {
          hint: `it stands for ${list(fits.map(({ name }) => name))}; take other families, or say --allow-burstable`,
        },
      );
    for (const { name } of fits) if (!usable.includes(name)) burstable.add(name);
    types.set(word, usable);
    const others = usable.map((name) => `${name}${found.image}`).filter((side) => !taken.has(side));
    for (const side of others) taken.add(side);
    return others;
  });
  return { words: expanded, types, burstable: [...burstable] };
}

function fitting({ pattern }: TypePattern, offered: readonly OfferedType[]): OfferedType[] {
  const wildcards = parseWildcards(pattern);
  return offered.filter(({ name }) => isInstanceType(name) && fitsWildcards(name, wildcards));
}

/** The error of a pattern that no type of `all` fits. Names what was perhaps meant. */
function unknownPattern(found: TypePattern, all: readonly OfferedType[], region: string): TimetrialError {
  const { text, pattern } = found;
  const [family = "", size = "*"] = pattern.split(".");
  const ofFamily = fitting({ ...found, pattern: `${family}.*` }, all).map(({ name }) => name);
  const near = nearestName(family, [...new Set(all.map(({ name }) => name.split(".")[0] ?? ""))]);
  const meant = near === undefined ? undefined : `${near}.${size}`;
  const hint =
    all.length <= 12
      ? `there is ${list(all.map(({ name }) => name))}`
      : ofFamily.length > 0
        ? `there is ${list(ofFamily)}`
        : meant !== undefined && fitting({ ...found, pattern: meant }, all).length > 0
          ? `did you mean ${meant}?`
          : near !== undefined
            ? `there is ${list(fitting({ ...found, pattern: `${near}.*` }, all).map(({ name }) => name))}`
            : `timetrial list types --region ${region} names what there is`;
  return new TimetrialError("TYPE_UNKNOWN", `side ${quoteForMessage(text)}: no instance type in ${region} fits it`, {
    hint,
  });
}

/** Returns the first twelve of `names`, and how many more there are. */
function list(names: readonly string[]): string {
  const more = names.length - 12;
  return `${names.slice(0, 12).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
