// Declares the arguments and options of `boot`.

import type { Command } from "commander";
import type { BootOptions } from "../options/boot-options.ts";
import { bootFormats } from "../output/formats.ts";
import { actWithSpec } from "../spec/act.ts";
import {
  repeatable,
  addProgressOptions,
  addResultsOption,
  addCloudOptions,
  addLaunchOptions,
  choiceOption,
} from "./shared.ts";

export function declareBoot(command: Command): void {
  booting(
    command
      .usage("<type...> [options]")
      .argument(
        "<type...>",
        "types such as c7g.large or all that fit 'c7g.*large', LABEL=TYPE@IMAGE, firecracker:FILE.toml, or published:boot-2021; or a spec FILE.toml",
      ),
  ).action(async (given: string[]) => {
    await actWithSpec(command, { words: given }, async (types, options, spec) => {
      const { bootCommand: boot } = await import("../commands/boot.ts");
      return await boot(types, { ...(options as BootOptions), spec });
    });
  });
}

/** Adds the options of `boot`. */
function booting(command: Command): Command {
  return addProgressOptions(addResultsOption(addLaunchOptions(addCloudOptions(command))))
    .option("--image <image>", "each type boots each of these; may be repeated (default: al2023)", repeatable)
    .option("--boots <n>", "boots of each side; the first is not kept", "10")
    .option("--port <n>", "the TCP port whose opening is the end of a boot", "22")
    .option(
      "--security-group <id>",
      "lets the port in from here: nothing is opened for you; may be repeated",
      repeatable,
    )
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
    .option("--instance-profile <name>", "the profile whose role lets the machines' SSM agent in")
    .option("--max-hours <h>", "a launched machine ends itself after so many hours", "2")
    .option("--budget <usd>", "the most that the machines may cost: dearer runs are refused, and ended before it")
    .option("--price <type=usd>", "dollars an hour, where the price list has none; may be repeated", repeatable)
    .option("--dry-run", "print time and cost at the prices of --price, ask no account, and launch nothing")
    .option("--allow-burstable", "launch types whose speed depends on credits")
    .option("--yes", "boot also more than 20 types that patterns stand for, without asking")
    .addOption(choiceOption("--format <name>", "table, json, csv, markdown or html", bootFormats, "table"))
    .option("--out <file>", "write it there instead of to standard output");
}
