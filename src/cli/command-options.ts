// The options by which a user gives commands of his own, and what stands behind `--` on the command line.

import { type Command, Option } from "commander";

const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** `argv` as commander is to see it, and the words behind `--` of a command that measures. */
export function apart(argv: readonly string[]): { readonly argv: readonly string[]; readonly words?: string[] } {
  const at = argv.indexOf("--");
  if (at === -1 || !["compare", "run"].includes(argv[2] ?? "")) return { argv };
  return { argv: argv.slice(0, at), words: argv.slice(at + 1) };
}

/** Adds the options of own commands to `command`. */
export function commanding(command: Command): Command {
  return command
    .option("--command <text>", "a command to time, as -- COMMAND; may be repeated", collect)
    .option("--name <text>", "the command's name in the table; may be repeated, in the order of the commands", collect)
    .addOption(new Option("--shell <name>", "what runs the commands: none, or sh").default("none"))
    .option("--setup <text>", "run by sh once, before all")
    .option("--prepare <text>", "run by sh before each timed run")
    .option("--check <text>", "run by sh after each: its exit status says whether the work was done")
    .option("--cleanup <text>", "run by sh once, after all")
    .option("--upload <folder>", "run the commands in a copy of this folder, at most 1 MB packed")
    .option("--timeout <s>", "the longest that one run may take (default: 3600)");
}

/** Adds the option that turns the table. */
export function turning(command: Command): Command {
  return command.addOption(
    new Option(
      "--by <what>",
      "compare sides, or on one side: its commands with each other (default: what there are several of)",
    ),
  );
}
