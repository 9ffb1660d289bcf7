// A spec file on the command line: its values become those of options that the command line does not give, and errors
// about them name the file and the line.

import type { Command } from "commander";
import { TimetrialError } from "../../domain/errors.ts";
import { defined } from "../../domain/defined.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { openSpecFile } from "../wiring.ts";
import { listSeparator, sidesKey, type SpecKey, specKeys } from "./spec-keys.ts";
import { specSchemaOf, type SpecValue } from "./spec-schema.ts";

/** What the command line says beside the file. */
export interface BesideFile {
  /** The words that are no options, without the file's. */
  readonly words: readonly string[];
  /** Whether the command's words are suites, and its side an option. */
  readonly isRun: boolean;
  /** Whether a command stands behind `--`. */
  readonly hasCommand: boolean;
}

/** A value of the file that is in use, as its option's texts, each with the keys that lead to it. */
interface UsedValue {
  readonly flag: string | undefined;
  readonly keys: Keys;
  readonly texts: readonly { readonly text: string; readonly keys: Keys }[];
}

type Keys = readonly (string | number)[];

/**
 * Reads `file`, and gives its values to the options of `command` that the command line leaves out. Returns the words that
 * the command is called with, and a function that adds the place in the file to an error about a value of it.
 *
 * @throws TimetrialError USAGE
 */
export async function applySpecFile(
  file: string,
  command: Command,
  beside: BesideFile,
): Promise<{ readonly words: readonly string[]; readonly located: (error: unknown) => unknown }> {
  const { content, placeOf } = await openSpecFile(file, specSchemaOf(command));
  const used: UsedValue[] = [];
  for (const key of specKeys(command)) {
    const value = content[key.name];
    if (value === undefined || isGiven(key, command, beside)) continue;
    const texts = textsOf(key, value);
    // A flag that is false is one that nobody gave.
    if (typeof value !== "boolean") set(command, key, optionValue(key, texts));
    else if (value || key.option.negate) set(command, key, value);
    used.push({ flag: key.option.long ?? undefined, keys: [key.name], texts });
  }
  const sides = [content[sidesKey] ?? []].flat() as string[];
  const sideTexts = sides.map((text, i) => ({ text, keys: [sidesKey, i] }));
  const located = (error: unknown): unknown => locatedError(error, used, placeOf);
  if (beside.isRun) {
    if (command.getOptionValueSource("on") === "cli" || sides.length === 0) return { words: beside.words, located };
    if (sides.length > 1)
      throw new TimetrialError("USAGE", `${placeOf([sidesKey])}: expected one side, got ${sides.length}`, {
        hint: `timetrial compare ${file} compares them; --on SIDE runs on one`,
      });
    command.setOptionValueWithSource("on", sides[0], "config");
    used.push({ flag: "--on", keys: [sidesKey], texts: sideTexts });
    return { words: beside.words, located };
  }
  if (beside.words.length > 0) return { words: beside.words, located };
  if (sides.length === 0)
    throw new TimetrialError("USAGE", `${file}: ${sidesKey}: expected a list of sides, got none`, {
      hint: `as in: ${sidesKey} = ["c6g.large", "c7g.large"]; or name them on the command line`,
    });
  used.push({ flag: undefined, keys: [sidesKey], texts: sideTexts });
  return { words: sides, located };
}

/** Whether the command line gives what `key` stands for. */
function isGiven({ name, option }: SpecKey, command: Command, { words, isRun, hasCommand }: BesideFile): boolean {
  if (name === "command" && hasCommand) return true;
  if (name === "suite" && isRun && words.length > 0) return true;
  return command.getOptionValueSource(option.attributeName()) === "cli";
}

function set(command: Command, { option }: SpecKey, value: unknown): void {
  command.setOptionValueWithSource(option.attributeName(), value, "config");
}

/** Returns `value` as the texts that its option has on the command line. */
function textsOf({ name, form, option }: SpecKey, value: SpecValue): UsedValue["texts"] {
  if (form === "table" || form === "lists")
    return Object.entries(value as Readonly<Record<string, string | number | readonly string[]>>).map(
      ([own, held]) => ({ text: `${own}=${[held].flat().join(listSeparator(option))}`, keys: [name, own] }),
    );
  if (Array.isArray(value)) return value.map((text: string, i) => ({ text, keys: [name, i] }));
  // Tables are above.
  return typeof value === "object" ? [] : [{ text: String(value), keys: [name] }];
}

function optionValue({ form, option }: SpecKey, texts: UsedValue["texts"]): unknown {
  const values = texts.map(({ text }) => text);
  if (form !== "text" && form !== "number") return values;
  const [value] = values;
  // --profile also sets the environment.
  return value === undefined || option.parseArg === undefined ? value : option.parseArg(value, undefined);
}

/**
 * Returns `error` with the place in the file of the value that it is about: the value of the option that it names, or the
 * one that it quotes.
 */
function locatedError(error: unknown, used: readonly UsedValue[], placeOf: (keys: Keys) => string): unknown {
  if (!(error instanceof TimetrialError)) return error;
  const { code, message, hint } = error;
  const flag = /^--[a-z0-9-]+/.exec(message)?.[0];
  const named = used.find((value) => flag !== undefined && value.flag === flag);
  const quoted = (values: readonly UsedValue[]): Keys | undefined =>
    values.flatMap(({ texts }) => texts).findLast(({ text }) => text !== "" && nameIn(message, text))?.keys;
  const keys = named === undefined ? (error.exitStatus === 2 ? quoted(used) : undefined) : quoted([named]);
  if (keys === undefined && named === undefined) return error;
  const rest = named === undefined ? message : message.slice((flag ?? "").length).replace(/^[:,]? ?/, "");
  const where = keys ?? named?.keys ?? [];
  // A message that begins with the name of a parameter need not say it twice.
  const name = String(where.at(-1));
  const what = [`${name}: `, `${quoteForMessage(name)}: `].find((start) => rest.startsWith(start))?.length ?? 0;
  return new TimetrialError(code, `${placeOf(where)}: ${rest.slice(what)}`, { cause: error, ...defined({ hint }) });
}

/** Whether `message` quotes `text` or the label that stands before it, or has the text behind its option. */
function nameIn(message: string, text: string): boolean {
  if (/^--\S+ (.*?): /.exec(message)?.[1] === text) return true;
  const [, label, rest] = /^([^=@]+)=(.+)$/s.exec(text) ?? [];
  return [text, label, rest].some((part) => part !== undefined && message.includes(quoteForMessage(part)));
}
