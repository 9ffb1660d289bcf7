// The options by which a user gives commands of his own, and what stands behind `--` on the command line.

import { type Command, Option } from "commander";

const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** `argv` as commander is to see it, and the words behind `--` of a command that measures. */
export function apart(argv: readonly string[]): { readonly argv: readonly string[]; readonly words?: string[] } {
  const at = argv.indexOf("--");
  if (at === -1 || !["compare", "plan", "run"].includes(argv[2] ?? "")) return { argv };
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

/** Adds the options of `boot`. */
export function booting(command: Command): Command {
  return command
    .option("--image <image>", "each type boots each of these; may be repeated (default: al2023)", collect)
    .option("--boots <n>", "boots of each side; the first is not kept", "10")
    .option("--port <n>", "the TCP port whose opening is the end of a boot", "22")
    .option("--security-group <id>", "lets the port in from here: nothing is opened for you; may be repeated", collect)
    .option("--subnet <id>", "where machines are launched (default: the zone's own)")
    .option("--zone <name>", "the zone of all machines (default: the first that offers all types)")
    .option("--ipv6", "probe the IPv6 address")
    .option("--private-address", "probe the private IPv4 address, from within the network")
    .option("--user-data <file>", "sent with every machine, beside its deadline")
    .option("--parallel <n>", "boots at once", "1")
    .option("--ssm", "follow each boot until its SSM agent is online")
    .option("--screenshots <folder>", "keep pictures of the consoles there")
    .option("--timeout <s>", "the longest that one boot is followed", "600")
    .option("--baseline <side>", "the side that the others are compared with (default: the first)")
    .option("--seed <text>", "of the order of sides (default: the run's name)")
    .addOption(new Option("--cloud <name>", "aws or sandbox").default("aws"))
    .option("--region <name>", "as in the AWS CLI")
    .option("--endpoint <url>", "another endpoint than AWS's own")
    .option("--instance-profile <name>", "the profile whose role lets the machines' SSM agent in")
    .option("--max-hours <h>", "a launched machine ends itself after so many hours", "2")
    .option("--allow-burstable", "launch types whose speed depends on credits")
    .option("--results <folder>", "where runs are kept", "results")
    .option("--quiet", "no progress on standard error")
    .option("--format <name>", "table, json, csv, markdown or html", "table")
    .option("--out <file>", "write it there instead of to standard output");
}
