#!/usr/bin/env node
// The command line. Commands and their options are loaded when a command is called, so that `--help` costs little more
// than starting Node.

import { Command, CommanderError } from "commander";
import { packageRoot } from "../adapters/folders/package-root.ts";
import { printable } from "../domain/printable.ts";
import { commandTable, loadMeasure, loadUtilities } from "./command-table.ts";
import { tolerateClosedPipe } from "./output/closed-pipe.ts";
import { say } from "./output/terminal.ts";
import { measures, splitAtDashes } from "./options/split-dashes.ts";

async function program(named: string | undefined, words: readonly string[] | undefined): Promise<Command> {
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
    if (asksHelp()) command.addHelpText("after", (await import("./flags/examples.ts")).examplesOf(name));
  }
  return root;
}

/** Whether help is asked for: only then the examples are loaded. */
function asksHelp(): boolean {
  const words = process.argv.slice(2);
  return words[0] === "help" || words.includes("--help") || words.includes("-h");
}

// Without this handler Node prints a stack and the source line, which is a whole bundle.
process.on("uncaughtException", (error) => {
  // A run has a listener of its own, which ends the run and gives its machines back.
  if (process.listenerCount("uncaughtException") > 1) return;
  void import("./output/print-error.ts").then(({ printError }) => {
    const status = printError(error);
    say(printable("  what was launched ends at its deadline; timetrial sweep lists it"));
    process.exit(status);
  });
});

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) tolerateClosedPipe(stream);
  try {
    if (process.argv[2] === "__complete") {
      await (await loadUtilities()).completeWords(process.argv.slice(3), async (named) => program(named, undefined));
      return;
    }
    const { argv: given, words } = splitAtDashes(process.argv);
    const boots = given[2] === "plan" ? (await import("./spec/boot-plan-words.ts")).bootPlanWords(given.slice(3)) : undefined; // prettier-ignore
    const before = boots === undefined ? given : [...given.slice(0, 2), "boot", ...boots];
    const [, , first, second] = before;
    const argv = measures(first)
      ? [...before.slice(0, 3), ...(await loadMeasure()).readMeasureWords(before.slice(3))]
      : [...before];
    const root = await program(first === "help" ? second : first, words);
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

void main();
