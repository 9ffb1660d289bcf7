// Reads TOML that a user wrote: suites' manifests, spec files, files of microVMs. Every error says file, line, what was
// expected and what was found.

import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { type ErrorCode, TimetrialError } from "../../domain/errors.ts";
import { nearestName } from "../../domain/nearest-name.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { readNamedFile, type UnreadableFile } from "./named-file.ts";

interface TomlSource {
  readonly text: string;
  /** The file as messages name it. */
  readonly file: string;
  /** The code of its errors. */
  readonly code: ErrorCode;
}

/** More than any such file has. */
const most_bytes = 2 ** 20;

/**
 * Returns the text of `file`, which the user named. `shown`: the file as messages name it.
 *
 * @throws TimetrialError USAGE where it is not there or is no plain file, with `hint`
 */
export async function readTomlText(file: string, shown: string, hint: string): Promise<string> {
  try {
    return (await readNamedFile(file, most_bytes, "follow")).toString();
  } catch (cause) {
    const { code, message } = cause as UnreadableFile;
    throw new TimetrialError("USAGE", `${shown}: ${code === "ENOENT" ? "it is not there" : message}`, { cause, hint });
  }
}

/** The checked content, or every error of it. */
type CheckedToml<Content> =
  { readonly content: Content } | { readonly faults: readonly [TimetrialError, ...TimetrialError[]] };

/** Parses `source`, and checks it against `schema`. */
export function checkToml<Schema extends v.GenericSchema>(
  schema: Schema,
  source: TomlSource,
): CheckedToml<v.InferOutput<Schema>> {
  const { text, file, code } = source;
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const message = `${file}:${cause.line}:${cause.column}: expected TOML: ${cause.message.split("\n")[0]}`;
    return { faults: [new TimetrialError(code, message, { cause })] };
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { content: parsed.output };
  const [first, ...more] = parsed.issues;
  const fault = (issue: v.BaseIssue<unknown>): TimetrialError => faultOf(issue, schema, source);
  return { faults: [fault(first), ...more.map(fault)] };
}

/** Returns the content of `source`. @throws TimetrialError the first error of it */
export function readToml<Schema extends v.GenericSchema>(schema: Schema, source: TomlSource): v.InferOutput<Schema> {
  const checked = checkToml(schema, source);
  if ("content" in checked) return checked.content;
  throw checked.faults[0];
}

function faultOf(issue: v.BaseIssue<unknown>, schema: unknown, { text, file, code }: TomlSource): TimetrialError {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const place = placeOfKeys({ text, file }, keys);
  if (issue.kind === "schema" && issue.expected === "never") {
    const near = nearestName(String(keys.at(-1)), keysBelow(schema, keys.slice(0, -1)));
    return new TimetrialError(
      code,
      `${place}: unknown key`,
      near === undefined ? {} : { hint: `did you mean ${near}?` },
    );
  }
  const isMissing = issue.type === "strict_object" && issue.input === undefined;
  if (isMissing) return new TimetrialError(code, `${place}: expected a value, got none`);
  const what = issue.message.startsWith("expected") ? issue.message : `expected ${issue.expected ?? "something else"}`;
  const isQuoted = /number|true or false/.test(what) && !what.includes("quotes") && typeof issue.input === "string";
  return new TimetrialError(
    code,
    `${place}: ${what}, got ${shownValue(issue.input)}`,
    isQuoted ? { hint: "write it without quotes" } : {},
  );
}

function shownValue(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return quoteForMessage(value);
  const text = JSON.stringify(value) ?? "something else";
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Returns the place of the value under `keys` as errors name it: `suite.toml:12: rows[2].runs`. */
export function placeOfKeys({ text, file }: Pick<TomlSource, "text" | "file">, keys: readonly unknown[]): string {
  return `${file}:${lineOfKeys(text, keys)}: ${keyPath(keys)}`;
}

/** Returns `keys` as people write them: `rows[2].runs`. */
function keyPath(keys: readonly unknown[]): string {
  return keys.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`)).join("");
}

/** The names that `schema` knows below `keys`; none where it takes any name. */
function keysBelow(schema: unknown, keys: readonly unknown[]): string[] {
  const found = schema as { entries?: Record<string, unknown>; wrapped?: unknown; item?: unknown; pipe?: unknown[] };
  if (found.wrapped !== undefined) return keysBelow(found.wrapped, keys);
  const [first, ...rest] = keys;
  if (first === undefined) return Object.keys(found.entries ?? {});
  const below = typeof first === "string" ? found.entries?.[first] : found.item;
  return below === undefined ? [] : keysBelow(below, rest);
}

/**
 * Returns the line of `text`, which is TOML, where the value under `keys` is written, from 1. A value that is not
 * written has the line of what would hold it, or 1.
 *
 * The parser keeps no positions. A value begins at the line before which the text is whole TOML that lacks it, and
 * behind which it is there.
 */
export function lineOfKeys(text: string, keys: readonly unknown[]): number {
  if (keys.length === 0) return 1;
  const lines = text.split("\n");
  const holder = keys.slice(0, -1);
  const last = keys.at(-1);
  if (typeof last === "number") return lineOfElement(lines, holder, last);
  if (!hasKeys(parsed(text), keys)) return lineOfKeys(text, holder);
  const from = lineOfKeys(text, holder) - 1;
  let found = 0;
  for (const [i, line] of lines.entries()) {
    if (i < from || !line.includes(String(last))) continue;
    const before = parsed(lines.slice(0, i).join("\n"));
    if (before === undefined) continue;
    if (hasKeys(before, keys)) break;
    found = i + 1;
  }
  return found === 0 ? from + 1 : found;
}

/** Returns the line of the element `index` of the array under `keys`: a table of its own, or a value in brackets. */
function lineOfElement(lines: readonly string[], keys: readonly unknown[], index: number): number {
  const heading = new RegExp(`^\\s*\\[\\[\\s*${keys.map((key) => escaped(String(key))).join("\\s*\\.\\s*")}\\s*\\]\\]`);
  const headings = lines.flatMap((line, i) => (heading.test(line) ? [i + 1] : []));
  if (headings[index] !== undefined) return headings[index];
  const text = lines.join("\n");
  const first = lineOfKeys(text, keys);
  const values = valueAt(parsed(text), keys);
  if (!Array.isArray(values)) return first;
  let at = lines.slice(0, first - 1).join("\n").length;
  for (const value of values.slice(0, index + 1)) {
    const next = text.indexOf(String(value), at);
    if (next === -1) return first;
    at = next + String(value).length;
  }
  return text.slice(0, at).split("\n").length;
}

/** The value of `text`; undefined where it is no whole TOML. */
function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function hasKeys(value: unknown, keys: readonly unknown[]): boolean {
  return valueAt(value, keys) !== undefined;
}

function valueAt(value: unknown, keys: readonly unknown[]): unknown {
  return keys.reduce<unknown>(
    (held, key) =>
      typeof held === "object" && held !== null && Object.hasOwn(held, key as PropertyKey)
        ? (held as Record<PropertyKey, unknown>)[key as PropertyKey]
        : undefined,
    value,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
