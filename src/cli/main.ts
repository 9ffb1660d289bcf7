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
      .argument("<side...>", "local, ssh:USER@HOST, i-…, a type such as c7g.8xlarge, published:TYPE; LABEL=TYPE@IMAGE"),
  )
    .option("--baseline <side>", "the side that the others are compared with (default: the first)")
    .option("--aa", "one side against itself, to see how often that is called a difference")
    .action(async (sides: string[], options) => {
      const { compare } = await import("./commands/compare.ts");
      process.exitCode = await compare(sides, { ...options, ...(words && { words }) });
    });

  measuring(
    root
      .command("run")
      .description("run suites, or commands behind --, on one side, and print what they took")
      .usage("[suite...] [options] [-- COMMAND... | -- 'COMMAND A' 'COMMAND B'...]")
      .argument("[suite...]", "NAME, NAME/ROW or NAME/ROW/IMPL, or ./FOLDER[:ROW[/IMPL]] (default: hashes)")
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
      .description("print the table of stored runs again; of several, their sides stand side by side")
      .argument("<run...>", "a run's folder, its name below --results, or a bundle; LABEL=RUN; or published:TYPE"),
  )
    .option("--baseline <side>", "the side that the others are compared with (default: as the run had it)")
    .option("--results <folder>", "where runs are kept", "results")
    .action(async (runs: string[], options) => {
      const { report } = await import("./commands/report.ts");
      process.exitCode = await report(runs, options);
    });

  printing(
    root
      .command("resume")
      .description("go on with a run whose client died or was interrupted, and print its table")
      .argument("<run>", "the run's folder, or its name below --results"),
  )
    .option("--baseline <side>", "the side that the others are compared with (default: as the run had it)")
    .option("--results <folder>", "where runs are kept", "results")
    .option("--quiet", "no progress on standard error")
    .action(async (run: string, options) => {
      const { resume } = await import("./commands/resume.ts");
      process.exitCode = await resume(run, options);
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
    .command("verify")
    .description("check a stored run: its files, its records against plan and facts, every digest and cell once more")
    .argument("<run>", "the run's folder, its name below --results, or a bundle")
    .option("--sums <digits>", "the sums that a table of it bears in its last line")
    .option("--against <file>", "a table of it, as report --format json printed it")
    .option("--results <folder>", "where runs are kept", "results")
    .action(async (run: string, options) => {
      const { verify } = await import("./commands/verify.ts");
      process.exitCode = await verify(run, options);
    });

  root
    .command("bundle")
    .description("put a stored run into one file that report and verify read anywhere")
    .argument("<run>", "the run's folder, or its name below --results")
    .option("--out <file>", "write it there (default: RUN.tar.gz)")
    .option("--results <folder>", "where runs are kept", "results")
    .action(async (run: string, options) => {
      const { bundleRun } = await import("./commands/bundle.ts");
      process.exitCode = await bundleRun(run, options);
    });

  listing(
    root
      .command("list")
      .description("list what there is: suites, runs, instance types, published figures")
      .argument("<what>", "suites, runs, types or published")
      .argument("[name]", "of suites: one, in full, or the folder of your own; of types: how their names begin"),
  ).action(async (what: string, name: string | undefined, options) => {
    const { list } = await import("./commands/list.ts");
    process.exitCode = await list(what, name, options);
  });

  root
    .command("check-suite")
    .description("find what is wrong with a suite of your own, before it is shipped")
    .argument("<folder>", "the folder of its suite.toml and steps")
    .action(async (folder: string) => {
      const { checkSuiteCommand } = await import("./commands/check-suite.ts");
      process.exitCode = await checkSuiteCommand(folder);
    });

  root
    .command("setup")
    .description("print the policies and the role that an AWS account needs; creates nothing")
    .option("--role <name>", "the machines' role, and the profile that holds it", "timetrial-machine")
    .option("--region <name>", "allow this region alone")
    .option("--account <id>", "the account's twelve digits (default: any)")
    .addOption(new Option("--format <name>", "commands or json").default("commands"))
    .action(async (options) => {
      const { setup } = await import("./commands/setup.ts");
      process.exitCode = setup(options);
    });

  root
    .command("ami")
    .description("print the id of an image by its name, or list those that there are")
    .argument("<image>", "al2023, ubuntu/24.04, debian/12, freebsd/14.3, freebsd/arm64/zfs/15.0-BETA2; freebsd lists")
    .option("--arch <name>", "arm64 or x86_64, also aarch64 or amd64 (default: the image's, else this machine's)")
    .addOption(new Option("--cloud <name>", "aws or sandbox").default("aws"))
    .option("--region <name>", "as in the AWS CLI")
    .option("--endpoint <url>", "another endpoint than AWS's own")
    .option("--format <name>", "text or json", "text")
    .action(async (image: string, options) => {
      const { ami } = await import("./commands/ami.ts");
      process.exitCode = await ami(image, options);
    });

  root
    .command("sandbox")
    .description("serve the sandbox to other clients until interrupted, and print the environment that they need")
    .option("--faults <spec>", "what is to go wrong, by seeded chance; listed below")
    .action(async ({ faults }: { faults?: string }) => {
      const { serveSandbox } = await import("./commands/sandbox.ts");
      process.exitCode = await serveSandbox(faults);
    });
  return root;
}

/** The options of commands that measure. */
function measuring(command: Command): Command {
  if (command.name() !== named) return command;
  return printing(commanding(command))
    .option(
      "--suite <name>",
      "NAME, NAME/ROW or NAME/ROW/IMPL, or ./FOLDER[:ROW[/IMPL]]; may be repeated (default: hashes)",
      collect,
    )
    .option("--rounds <n>", "rounds of every row, the warm-up included (default: each row's own)")
    .option("--until <x%>", "go on until every interval is within ±x %, --rounds at most (30); x%:geomean, x%:cpu")
    .option("--machines <n>", "machines of each launched side (default: 3), or at most so many of each found by --tag")
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
    .option("--disposable", "let suites that need root or a machine to throw away run on machines that stay")
    .option("--max-hours <h>", "a launched machine ends itself after so many hours", "2")
    .option("--allow-burstable", "launch types whose speed depends on credits")
    .option("--results <folder>", "where runs are kept", "results")
    .option("--quiet", "no progress on standard error");
}

/** The options of `list`. */
function listing(command: Command): Command {
  if (command.name() !== named) return command;
  return command
    .option("--results <folder>", "where runs are kept", "results")
    .option("--cores <n>", "how long suites take on so many vCPUs")
    .addOption(new Option("--cloud <name>", "whose types: aws or sandbox").default("aws"))
    .option("--region <name>", "as in the AWS CLI")
    .option("--endpoint <url>", "another endpoint than AWS's own");
}

/** The options of commands that print a comparison. */
function printing(command: Command): Command {
  if (command.name() !== named) return command;
  return turning(command)
    .option("--format <name>", "table, markdown, csv, csv-long (a line a trial), json, html, svg or benchstat", "table")
    .option("--price <type=usd>", "dollars an hour, for $ a job; TYPE:spot=USD for spot; may be repeated", collect)
    .option("--plot", "draw the speedups and their intervals below the table")
    .option("--wide", "times beside the speedups, also of three sides and more")
    .option("--out <file>", "write it there instead of to standard output");
}

/** What the sandbox itself says of its faults, below the options in its --help. */
async function listFaults(root: Command): Promise<void> {
  const { sandboxFaultsHelp } = await import("./wiring.ts");
  root.commands.find((each) => each.name() === named)?.addHelpText("after", `\n${await sandboxFaultsHelp()}`);
}

async function main(): Promise<void> {
  try {
    const root = program();
    if (named === "sandbox") await listFaults(root);
    await root.parseAsync(argv);
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
