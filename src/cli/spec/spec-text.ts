// Writes the spec file that says what a command line said.

import { join, relative } from "node:path";
import type { Command } from "commander";
import { stringify } from "smol-toml";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { shellQuoted } from "../../domain/plan/user-command.ts";
import type { GivenWords } from "./spec-origin.ts";
import { listSeparator, sidesKey, type SpecKey, specKeys } from "./spec-keys.ts";

/**
 * Returns the text of a spec file that says what the words and options of `command` say. `folder`: where the file will be;
 * its first line then names the schema.
 */
export function specText(command: Command, given: GivenWords, folder?: string): string {
  const { words, behindDashes, isRun } = given;
  const values = new Map<string, unknown>();
  values.set(sidesKey, isRun === true ? [command.getOptionValue("on")] : words);
  for (const key of specKeys(command)) {
    const source = command.getOptionValueSource(key.option.attributeName());
    const value = command.getOptionValue(key.option.attributeName()) as unknown;
    if (source !== "cli" && source !== "config") continue;
    // The file of --save is under the name of --no-save.
    if (key.form === "boolean" && typeof value !== "boolean") continue;
    values.set(key.name, writtenValue(key, value));
  }
  if (isRun === true && words.length > 0)
    values.set("suite", [...words, ...((values.get("suite") as string[] | undefined) ?? [])]);
  if (behindDashes !== undefined)
    values.set("command", [
      ...commandTexts(behindDashes, command.getOptionValue("shell")),
      ...((values.get("command") as string[] | undefined) ?? []),
    ]);
  const { folder: root, version } = packageRoot();
  const schema = folder === undefined ? [] : [`#:schema ${relative(folder, join(root, schemaFile))}`];
  const name = command.name() === "plan" ? "compare" : command.name();
  const how = `# written by timetrial ${version}: timetrial ${name} THIS-FILE; flags beside it override it`;
  return [...schema, how, stringify(Object.fromEntries(values))].join("\n").trimEnd().concat("\n");
}

const schemaFile = "schemas/compare.schema.json";

function writtenValue({ form, option }: SpecKey, value: unknown): unknown {
  if (form === "number") return Number(value);
  if (form !== "table" && form !== "lists") return value;
  return Object.fromEntries(
    (value as readonly string[]).map((text) => {
      const at = text.indexOf("=");
      const held = text.slice(at + 1);
      return [text.slice(0, at), form === "table" ? held : held.split(listSeparator(option))];
    }),
  );
}

/** Returns the words behind `--` as --command takes them: one command, or several that are texts of their own. */
function commandTexts(words: readonly string[], shell: unknown): readonly string[] {
  const isTexts = /\s/.test(words[0] ?? "") || shell === "sh";
  return isTexts ? words : [shellQuoted(words)];
}
