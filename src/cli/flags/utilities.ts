// Declares the arguments and options of the commands around a run: `list`, `check-suite`, `ami`, `sandbox`, `completion`.

import { Argument, type Command } from "commander";
import { architectures, listed, setChoices, shellsToComplete, textOrJson } from "../options/choices.ts";
import { addResultsOption, addCloudOptions, choiceOption } from "./shared.ts";

export function declareList(command: Command): void {
  addResultsOption(addCloudOptions(command))
    .addArgument(setChoices(new Argument("<what>", "suites, runs, types or published"), listed))
    .argument("[name]", "of suites: one, in full, or the folder of your own; of types: how their names begin")
    .option("--cores <n>", "how long suites take on so many vCPUs")
    .addOption(choiceOption("--format <name>", "text or json", textOrJson, "text"))
    .action(async (what: string, name: string | undefined, options) => {
      const { listCommand: list } = await import("../commands/list.ts");
      process.exitCode = await list(what, name, options);
    });
}

export function declareCheckSuite(command: Command): void {
  command.argument("<folder>", "the folder of its suite.toml and steps").action(async (folder: string) => {
    const { checkSuiteCommand } = await import("../commands/check-suite.ts");
    process.exitCode = await checkSuiteCommand(folder);
  });
}

export function declareAmi(command: Command): void {
  addCloudOptions(command)
    .argument("<image>", "al2023, ubuntu/24.04, debian/12, freebsd/14.3, freebsd/arm64/zfs/15.0-BETA2; freebsd lists")
    .addOption(
      choiceOption(
        "--arch <name>",
        "arm64 or x86_64, also aarch64 or amd64 (default: the image's, else this machine's)",
        architectures,
      ),
    )
    .addOption(choiceOption("--format <name>", "text or json", textOrJson, "text"))
    .action(async (image: string, options) => {
      const { amiCommand: ami } = await import("../commands/ami.ts");
      process.exitCode = await ami(image, options);
    });
}

export async function declareSandbox(command: Command): Promise<void> {
  const { sandboxFaultsHelp } = await import("../wiring.ts");
  command
    .option("--faults <spec>", "what is to go wrong, by seeded chance; listed below")
    .addHelpText("after", `\n${await sandboxFaultsHelp()}`)
    .action(async ({ faults }: { faults?: string }) => {
      const { sandboxCommand: serveSandbox } = await import("../commands/sandbox.ts");
      process.exitCode = await serveSandbox(faults);
    });
}

export function declareCompletion(command: Command): void {
  command
    .addArgument(setChoices(new Argument("<shell>", "bash, zsh or fish"), shellsToComplete))
    .addHelpText("after", installing)
    .action(async (shell: string) => {
      const { completionCommand } = await import("../completion/print-script.ts");
      process.exitCode = await completionCommand(shell);
    });
}

const installing = `
bash, in ~/.bashrc:
  eval "$(timetrial completion bash)"
zsh, into a folder of $fpath, before compinit:
  timetrial completion zsh > ~/.zfunc/_timetrial
fish:
  timetrial completion fish > ~/.config/fish/completions/timetrial.fish`;

/** Prints what the last of `words` may become, for the scripts that `completion` prints. */
export async function completeWords(
  words: readonly string[],
  program: (named: string | undefined) => Promise<Command>,
): Promise<void> {
  const { printCandidates } = await import("../completion/print-candidates.ts");
  await printCandidates(words, program);
}
