// Declares the arguments and options of the commands around a run: `list`, `check-suite`, `ami`, `sandbox`.

import type { Command } from "commander";
import { addResultsOption, addCloudOptions } from "./shared.ts";

export function declareList(command: Command): void {
  addResultsOption(addCloudOptions(command))
    .argument("<what>", "suites, runs, types or published")
    .argument("[name]", "of suites: one, in full, or the folder of your own; of types: how their names begin")
    .option("--cores <n>", "how long suites take on so many vCPUs")
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
    .option("--arch <name>", "arm64 or x86_64, also aarch64 or amd64 (default: the image's, else this machine's)")
    .option("--format <name>", "text or json", "text")
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
