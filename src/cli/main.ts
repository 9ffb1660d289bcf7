#!/usr/bin/env node
// The command line. Commands are loaded when they are called, so that `--help` costs little more than starting Node.

import { Command, CommanderError, Option } from "commander";
import { packageRoot } from "../adapters/folders/package-root.ts";
import { apart, booting, commanding, turning } from "./command-options.ts";

const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

const { argv, words } = apart(process.argv);

/** The command that was named: options are built for it alone, since --help must cost little more than Node. */
const named = argv[2] === "help" ? argv[3] : argv[2];

function program(): Command {
  const root = new Command("timetrial")
    .description(
      "Compares the CPUs of EC2 instance families by running the same work on both, and says how sure it is.",
    )
    .version(packageRoot().version)
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();

  measuring(
    root
      .command("compare")
      .description("run suites, or a command behind --, on two sides or more, and print the table of speedups")
      .usage("<side...> [options] [-- COMMAND...]")
      .argument("<side...>", "local, ssh:USER@HOST, i-…, or a type such as c7g.8xlarge; LABEL=TYPE@IMAGE"),
  )
    .option("--baseline <side>", "the side that the others are compared with (default: the first)")
    .action(async (sides: string[], options) => {
      const { compare } = await import("./commands/compare.ts");
      process.exitCode = await compare(sides, { ...options, ...(words && { words }) });
    });

  measuring(
    root
      .command("run")
      .description("run suites, or commands behind --, on one side, and print what they took")
      .usage("[suite...] [options] [-- COMMAND... | -- 'COMMAND A' 'COMMAND B'...]")
      .argument("[suite...]", "NAME, NAME/ROW or NAME/ROW/IMPL (default: hashes)")
      .option("--on <side>", "where: local, ssh:USER@HOST, i-…, or an instance type", "local"),
  ).action(async (suites: string[], options) => {
    const { compare } = await import("./commands/compare.ts");
    const { on, suite = [], ...rest } = options as { on: string; suite?: string[] } & Record<string, unknown>;
    const chosen = [...suites, ...suite];
    process.exitCode = await compare([on], {
      ...rest,
      ...(chosen.length > 0 ? { suite: chosen } : {}),
      ...(words && { words }),
    } as never);
  });

  printing(
    root
      .command("report")
      .description("print the table of a stored run again")
      .argument("<run>", "the run's folder, or its name below --results"),
  )
    .option("--baseline <side>", "the side that the others are compared with (default: as the run had it)")
    .option("--results <folder>", "where runs are kept", "results")
    .action(async (run: string, options) => {
      const { report } = await import("./commands/report.ts");
      process.exitCode = await report(run, options);
    });

  const boot = root
    .command("boot")
    .description("boot machines over and over, and print how long each step takes")
    .usage("<type...> [options]")
    .argument("<type...>", "types such as c7g.large, LABEL=TYPE@IMAGE, or published:boot-2021");
  (named === "boot" ? booting(boot) : boot).action(async (types: string[], options) => {
    const { boot: run } = await import("./commands/boot.ts");
    process.exitCode = await run(types, options);
  });

  root
    .command("list")
    .description("list what there is: suites")
    .argument("<what>", "suites")
    .argument("[name]", "one of them, in full")
    .action(async (what: string, name: string | undefined) => {
      const { list } = await import("./commands/list.ts");
      process.exitCode = await list(what, name);
    });

  root
    .command("sandbox")
    .description("serve the sandbox to other clients until interrupted, and print the environment that they need")
    .action(async () => {
      const { serveSandbox } = await import("./commands/sandbox.ts");
      process.exitCode = await serveSandbox();
    });
  return root;
}

/** The options of commands that measure. */
function measuring(command: Command): Command {
  if (command.name() !== named) return command;
  return printing(commanding(command))
    .option("--suite <name>", "NAME, NAME/ROW or NAME/ROW/IMPL; may be repeated (default: hashes)", collect)
    .option("--rounds <n>", "rounds of every row, the warm-up included (default: each row's own)")
    .option("--machines <n>", "machines of each launched side", "3")
    .option("--set <name=value>", "set a suite's parameter; may be repeated", collect)
    .option("--seed <text>", "of the order of rows and machines (default: the run's name)")
    .addOption(new Option("--cloud <name>", "aws or sandbox").default("aws"))
    .option("--region <name>", "as in the AWS CLI")
    .option("--endpoint <url>", "another endpoint than AWS's own")
    .option("--instance-profile <name>", "the profile whose role lets the machines' SSM agent in")
    .option("--image <image>", "what launched sides boot that name no image themselves (default: al2023)")
    .option("--zone <name>", "the zone of all sides (default: the first that offers all their types)")
    .option("--subnet <id>", "the subnet of all sides (default: the zone's own)")
    .option("--security-group <id>", "may be repeated (default: the network's own)", collect)
    .option("--spot", "launch spot instances: cheaper, and may be taken away")
    .addOption(new Option("--tenancy <name>", "default, dedicated or host"))
    .option(
      "--tag <key=value>",
      "launch nothing: take what runs, bears the tag and is of the type; may be repeated",
      collect,
    )
    .option("--keep-on-failure", "leave machines to their deadline where a run failed, and say how to look in")
    .option("--max-hours <h>", "a launched machine ends itself after so many hours", "2")
    .option("--allow-burstable", "launch types whose speed depends on credits")
    .option("--results <folder>", "where runs are kept", "results")
    .option("--quiet", "no progress on standard error");
}

/** The options of commands that print a comparison. */
function printing(command: Command): Command {
  if (command.name() !== named) return command;
  return turning(command)
    .option("--format <name>", "table or json", "table")
    .option("--out <file>", "write it there instead of to standard output");
}

async function main(): Promise<void> {
  try {
    await program().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { complain } = await import("./complain.ts");
    process.exitCode = complain(error);
  }
}

await main();
