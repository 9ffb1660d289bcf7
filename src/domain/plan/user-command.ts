// The user's own commands as work to be timed: what `-- COMMAND…`, `--command` and their options come to.

import * as v from "valibot";
import { printable } from "../printable.ts";

const text = v.string();

/** A part of plan.json. */
export const userCommandsSchema = v.strictObject({
  /** `none`: words are executed as they are; `sh`: the one text is run by `sh -c`. */
  shell: v.picklist(["none", "sh"]),
  commands: v.pipe(
    v.array(v.strictObject({ title: text, words: v.pipe(v.array(text), v.minLength(1)) })),
    v.minLength(1),
  ),
  /** Texts for `sh -c`, never timed. */
  setup: v.optional(text),
  prepare: v.optional(text),
  cleanup: v.optional(text),
  /** Proves the work of each timed run by its exit status. */
  check: v.optional(text),
  /** A folder, as written, whose copy is the working folder. */
  upload: v.optional(text),
  /** Whether what its .gitignore files name is uploaded, too. */
  upload_ignored: v.optional(v.literal(true)),
  /** Where commands run: this machine's folder. Absent: a working folder of the run's own. */
  folder: v.optional(text),
  /** Set for all steps, beside what the user, or a login, has on the machine: `NAME=VALUE`. */
  env: v.optional(v.array(v.pipe(text, v.regex(/^[A-Za-z_]\w*=/)))),
  /** Whether the times of runs count that ended with another exit status than 0. */
  ignore_failure: v.optional(v.literal(true)),
  /** Of each timed run, each prepare and each check. */
  timeout_s: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

export type UserCommands = Readonly<v.InferOutput<typeof userCommandsSchema>>;

/** The generated suite's name; its rows are called cmd-1, cmd-2, … */
export const commandSuiteName = "command";

/** `words` as a shell would take them: quoted where they must be. */
export function shellQuoted(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

const longest = 40;

/** `title` on one line of at most 40 characters, fit for a terminal. */
export function displayTitle(title: string): string {
  const line = Array.from(printable(title.replace(/\s+/g, " ").trim()));
  return line.length <= longest ? line.join("") : `${line.slice(0, longest - 1).join("")}…`;
}
