// The keys of a spec file, derived from the options of the command that reads it: a key is a long flag with underscores.

import type { Command, Option } from "commander";
import { defined } from "../../domain/defined.ts";
import { repeatable } from "../flags/shared.ts";
import { choicesOf } from "../options/choices.ts";

/** What a value is: `table` holds NAME=VALUE, `lists` holds several values by name. */
type SpecForm = "boolean" | "text" | "number" | "texts" | "table" | "lists";

export interface SpecKey {
  readonly name: string;
  readonly form: SpecForm;
  /** The option that it stands for. */
  readonly option: Option;
  /** The only values of a text; absent: any. */
  readonly choices?: readonly string[];
}

/** The key of the sides, which the command line takes as words, and `run` as --on. */
export const sidesKey = "sides";

/** Options of what is done with the spec, the word of who runs it, and the one that `sides` stands for. */
const notKeys: readonly (string | undefined)[] = ["--save", "--yes", "--on", "--offline"];

/** Placeholders of options that are numbers: a count, seconds, hours, dollars, GiB. */
const numbers: readonly (string | undefined)[] = ["n", "s", "h", "usd", "gib"];

/** Returns the keys that stand for the options of `command`, in the order of its help. */
export function specKeys(command: Command): SpecKey[] {
  return command.options
    .filter(({ long }) => !notKeys.includes(long ?? undefined))
    .map((option) => {
      const name = (option.long ?? "").replace(/^--(no-)?/, "").replaceAll("-", "_");
      const choices = choicesOf(option);
      return { name, form: formOf(option), option, ...defined({ choices }) };
    });
}

function formOf(option: Option): SpecForm {
  const placeholder = placeholderOf(option);
  if (placeholder === undefined) return "boolean";
  if (option.parseArg !== repeatable) return numbers.includes(placeholder) ? "number" : "text";
  return placeholder.includes("=") ? "table" : placeholder.includes(" ") ? "lists" : "texts";
}

/** Returns what stands between the values of one list on the command line: `VAR=a,b,c`, but `VAR=MIN=MAX`. */
export function listSeparator(option: Option): string {
  return (placeholderOf(option) ?? "").split(" ").length > 2 ? "=" : ",";
}

function placeholderOf({ flags }: Option): string | undefined {
  return /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
}
