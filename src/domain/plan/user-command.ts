// The user's own commands as a suite: what `-- COMMAND…`, `--command` and their options say.

import * as v from "valibot";
import { text } from "../schema.ts";
import { printable } from "../printable.ts";

/** The schema of the user's commands in plan.json. */
export const userCommandsSchema = v.strictObject({
  /** `none`: the words are executed as they are; `sh`: `sh -c` runs the only word. */
  shell: v.picklist(["none", "sh"]),
  commands: v.pipe(
    v.array(v.strictObject({ title: text, words: v.pipe(v.array(text), v.minLength(1)) })),
    v.minLength(1),
  ),
  /** Scripts for `sh -c`; they are never timed. */
  setup: v.optional(text),
  prepare: v.optional(text),
  cleanup: v.optional(text),
  /** A script for `sh -c` whose exit status proves the work of each timed run. */
  check: v.optional(text),
  /** Path of a folder, as written; a copy of it is the working folder. */
  upload: v.optional(text),
  /** Whether files that its .gitignore files name are uploaded, too. */
  upload_ignored: v.optional(v.literal(true)),
  /** The folder of this machine that commands run in. Absent: a working folder of the run's own. */
  folder: v.optional(text),
  /** Variables for all steps, as `NAME=VALUE`, added to the environment of the user or of a login on the machine. */
  env: v.optional(v.array(v.pipe(text, v.regex(/^[A-Za-z_]\w*=/)))),
  /** Whether runs count whose exit status is not 0. */
  ignore_failure: v.optional(v.literal(true)),
  /** Time limit of each timed run, each prepare and each check. Seconds. */
  timeout_s: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

export type UserCommands = Readonly<v.InferOutput<typeof userCommandsSchema>>;

/** Name of the generated suite; its rows are cmd-1, cmd-2, … */
export const commandSuiteName = "command";

/** Joins `words` to a command line for a shell, quoting those that need it. */
export function shellQuoted(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

const longest = 40;

/** Returns `title` on one line of at most 40 characters, safe for a terminal. */
export function displayTitle(title: string): string {
  const line = Array.from(printable(title.replace(/\s+/g, " ").trim()));
  return line.length <= longest ? line.join("") : `${line.slice(0, longest - 1).join("")}…`;
}
