#!/usr/bin/env node
// The command line. Commands and their options are loaded when a command is called, so that `--help` costs little more
// than starting Node.

import { Command, CommanderError } from "commander";
import { packageRoot } from "../adapters/folders/package-root.ts";
import { printable } from "../domain/printable.ts";
import { tolerateClosedPipe } from "./output/closed-pipe.ts";
import { say } from "./output/terminal.ts";
import { measures, splitAtDashes } from "./options/split-dashes.ts";

type Declare = (command: Command, words: readonly string[] | undefined) => void | Promise<void>;

const measure = () => import("./flags/measure.ts");
const stored = () => import("./flags/stored.ts");
const around = () => import("./flags/utilities.ts");
const account = () => import("./flags/account.ts");

/** Each command: its text in --help, and the function that adds its arguments, options and action. */
const commands: readonly (readonly [name: string, about: string, declared: () => Promise<Declare>])[] = [
  [
    "compare",
    "run suites, or a command behind --, on two sides or more, and print the table of speedups",
    async () => (await measure()).declareCompare,
  ],
  [
    "run",
    "run suites, or commands behind --, on one side, and print what they took",
    async () => (await measure()).declareRun,
  ],
  [
    "plan",
    "print what compare would launch, how long it would take and what it would cost; launches nothing",
    async () => (await measure()).declarePlan,
  ],
  [
    "report",
    "print the table of stored runs again; of several, their sides stand side by side",
    async () => (await stored()).declareReport,
  ],
  [
    "explain",
    "say in sentences how the cells of a stored run's table came about, or those of one row",
    async () => (await stored()).declareExplain,
  ],
  [
    "resume",
    "go on with a run whose client died or was interrupted, and print its table",
    async () => (await stored()).declareResume,
  ],
  [
    "verify",
    "check a stored run: its files, its records against plan and facts, every digest and cell once more",
    async () => (await stored()).declareVerify,
  ],
  [
    "bundle",
    "put a stored run into one file that report and verify read anywhere",
    async () => (await stored()).declareBundle,
  ],
  [
    "boot",
    "boot machines over and over, and print how long each step takes",
    async () => (await import("./flags/boot.ts")).declareBoot,
  ],
  [
    "ami",
    "print the id of an image by its name, or list those that there are",
    async () => (await around()).declareAmi,
  ],
  [
    "list",
    "list what there is: suites, runs, instance types, published figures",
    async () => (await around()).declareList,
  ],
  [
    "check-suite",
    "find what is wrong with a suite of your own, before it is shipped",
    async () => (await around()).declareCheckSuite,
  ],
  [
    "sweep",
    "list what runs left in the account; end one's own past its deadline",
    async () => (await account()).declareSweep,
  ],
  [
    "doctor",
    "check credentials, permissions, network and tools; creates nothing",
    async () => (await account()).declareDoctor,
  ],
  [
    "setup",
    "print the policies and the role that an AWS account needs; creates nothing",
    async () => (await account()).declareSetup,
  ],
  [
    "sandbox",
    "serve the sandbox to other clients until interrupted, and print the environment that they need",
    async () => (await around()).declareSandbox,
  ],
];

async function program(named: string | undefined, words: readonly string[] | undefined): Promise<Command> {
  const root = new Command("timetrial")
    .description(
      "Compares the CPUs of EC2 instance families by running the same work on both, and says how sure it is.",
    )
    .version(packageRoot().version)
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  // Where a command is named, the others are not needed: neither for its help nor for its errors.
  const known = commands.some(([name]) => name === named);
  for (const [name, about, declared] of commands) {
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
    const { argv: before, words } = splitAtDashes(process.argv);
    const [, , first, second] = before;
    const argv = measures(first)
      ? [...before.slice(0, 3), ...(await measure()).readMeasureWords(before.slice(3))]
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
