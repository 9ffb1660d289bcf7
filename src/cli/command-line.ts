// Runs one command line. Commands and their options are loaded when a command is called, so that `--help` costs little
// more than starting Node.

import { Command, CommanderError } from "commander";
import { packageRoot } from "../adapters/folders/package-root.ts";
import { commandTable, loadMeasure, loadUtilities } from "./command-table.ts";
import { measures, splitAtDashes } from "./options/split-dashes.ts";

/** Runs the command that `typed` names, the words of `process.argv`. Prints its error, if any, and sets the exit status. */
export async function runCommandLine(typed: readonly string[]): Promise<void> {
  try {
    if (typed[2] === "__complete") {
      await (await loadUtilities()).completeWords(typed.slice(3), async (named) => program(named, undefined, typed));
      return;
    }
    const { argv: given, words } = splitAtDashes(typed);
    const boots = given[2] === "plan" ? (await import("./spec/boot-plan-words.ts")).bootPlanWords(given.slice(3)) : undefined; // prettier-ignore
    const before = boots === undefined ? given : [...given.slice(0, 2), "boot", ...boots];
    const [, , first, second] = before;
    const argv = measures(first)
      ? [...before.slice(0, 3), ...(await loadMeasure()).readMeasureWords(before.slice(3))]
      : [...before];
    const root = await program(first === "help" ? second : first, words, typed);
    await root.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { printError: complain } = await import("./output/print-error.ts");
    process.exitCode = complain(error);
  }
}

async function program(
  named: string | undefined,
  words: readonly string[] | undefined,
  typed: readonly string[],
): Promise<Command> {
  const root = new Command("timetrial")
    .description(
      "Compares the CPUs of EC2 instance families by running the same work on both, and says how sure it is.",
    )
    .version(packageRoot().version)
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  // Where a command is named, the others are not needed: neither for its help nor for its errors.
  const known = commandTable.some(([name]) => name === named);
  for (const [name, about, declared] of commandTable) {
    if (known && name !== named) continue;
    const command = root.command(name).description(about);
    if (name !== named) continue;
    await (
      await declared()
    )(command, words);
    if (asksHelp(typed)) command.addHelpText("after", (await import("./flags/examples.ts")).examplesOf(name));
  }
  return root;
}

/** Whether help is asked for: only then the examples are loaded. */
function asksHelp(typed: readonly string[]): boolean {
  const words = typed.slice(2);
  return words[0] === "help" || words.includes("--help") || words.includes("-h");
}
