// Declares the arguments and options of the commands that ask the account: `sweep`, `doctor`, `setup`.

import type { Command } from "commander";
import { textOrJson } from "../options/choices.ts";
import { repeatable, addCloudOptions, choiceOption } from "./shared.ts";

export function declareSweep(command: Command): void {
  addCloudOptions(command)
    .option("--local", "of microVMs on this computer: list what they left, and end what no run uses any more")
    .option("--run <run>", "end all of this run, whatever its deadline")
    .option("--all-owners", "list what is others', too")
    .option("--yes", "end also what is others', with --all-owners, without asking")
    .option(
      "--price <type=usd>",
      "dollars an hour, for the cost so far; TYPE:spot=USD for spot; may be repeated",
      repeatable,
    )
    .addOption(choiceOption("--format <name>", "text or json", textOrJson, "text"))
    .action(async (options) => {
      if (options.local === true) {
        const { sweepLocalCommand } = await import("../commands/sweep-local.ts");
        process.exitCode = await sweepLocalCommand(options);
        return;
      }
      const { sweepCommand } = await import("../commands/sweep.ts");
      process.exitCode = await sweepCommand(options);
    });
}

export function declareDoctor(command: Command): void {
  addCloudOptions(command)
    .argument("[side]", "firecracker:FILE.toml: check what this microVM needs, in place of the account")
    .option("--instance-profile <name>", "the profile that machines are to be launched with")
    .option("--subnet <id>", "where machines are to be launched (default: a default subnet)")
    .addOption(choiceOption("--format <name>", "text or json", textOrJson, "text"))
    .action(async (side: string | undefined, options) => {
      const { doctorCommand: doctor } = await import("../commands/doctor.ts");
      process.exitCode = await doctor(options, side);
    });
}

export function declareSetup(command: Command): void {
  command
    .option("--role <name>", "the machines' role, and the profile that holds it", "timetrial-machine")
    .option("--region <name>", "allow this region alone; of China or GovCloud: the ARNs of its partition")
    .option("--instance <id>", "allow commands to this machine of yours, too; may be repeated", repeatable)
    .option("--tag <key=value>", "allow commands to the machines that bear it, too; may be repeated", repeatable)
    .option("--parameter <name>", "allow reading this parameter, which names an image; may be repeated", repeatable)
    .option("--account <id>", "the account's twelve digits (default: any)")
    .addOption(choiceOption("--format <name>", "commands or json", ["commands", "json"], "commands"))
    .action(async (options) => {
      const { setupCommand: setup } = await import("../commands/setup.ts");
      process.exitCode = setup(options);
    });
}
