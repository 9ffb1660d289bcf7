// Declares the arguments and options of `compare`, `plan` and `run`.

import type { Command } from "commander";
import { defined } from "../../domain/defined.ts";
import { shells, tenancies } from "../options/choices.ts";
import { readHyperfineOptions } from "../options/hyperfine-options.ts";
import type { RunOptions } from "../options/run-options.ts";
import { actWithSpec } from "../spec/act.ts";
import {
  addCloudOptions,
  addGateOptions,
  addLaunchOptions,
  addOutputOptions,
  addProgressOptions,
  addResultsOption,
  choiceOption,
  groups,
  repeatable,
} from "./shared.ts";

/** Returns the words of a command that measures in the form that commander takes. @throws TimetrialError USAGE */
export function readMeasureWords(words: readonly string[]): string[] {
  return readHyperfineOptions(words);
}

export function declareCompare(command: Command, words: readonly string[] | undefined): void {
  comparing(command, words, { leastSides: 2 });
}

/** Declares `plan`, which is `compare --dry-run` by another name. */
export function declarePlan(command: Command, words: readonly string[] | undefined): void {
  comparing(command, words, { dryRun: true });
}

function comparing(
  command: Command,
  words: readonly string[] | undefined,
  fixed: { dryRun?: true; leastSides?: number },
): void {
  command
    .usage("<side...> [options] [-- COMMAND...]")
    .argument(
      "<side...>",
      "local, ssh:USER@HOST, i-…, a type such as c7g.8xlarge or all that fit 'c7g.*large', published:TYPE; LABEL=TYPE@IMAGE; or a spec FILE.toml",
    );
  if (fixed.dryRun === true)
    command
      .optionsGroup(groups.output)
      .option("--save <file>", "write what this command line says to a spec file, for compare and run")
      .option("--offline", "ask no account: types are known by their names, prices by --price, and nothing is checked")
      .optionsGroup("");
  measuring(command)
    .optionsGroup("Limits:")
    .option("--yes", "launch also more than 20 types that patterns stand for, without asking")
    .optionsGroup("")
    .option("--baseline <side>", "the side that the others are compared with (default: the first)")
    .option("--aa", "one side against itself, to see how often that is called a difference")
    .action(async (given: string[]) => {
      await actWithSpec(command, { words: given, behindDashes: words }, async (sides, options, spec) => {
        const { compareCommand: compare } = await import("../commands/compare.ts");
        const { save, ...others } = options as RunOptions & { readonly save?: boolean | string };
        return await compare(sides, {
          ...others,
          ...defined({ words }),
          ...fixed,
          ...(typeof save === "string" ? { saveSpec: save } : defined({ save })),
          spec,
        });
      });
    });
}

export function declareRun(command: Command, words: readonly string[] | undefined): void {
  measuring(
    command
      .usage("[suite...] [options] [-- COMMAND... | -- 'COMMAND A' 'COMMAND B'...]")
      .argument(
        "[suite...]",
        "NAME, NAME/ROW or NAME/ROW/IMPL, or ./FOLDER[:ROW[/IMPL]] (default: hashes); or a spec FILE.toml",
      )
      .option("--on <side>", "where: local, ssh:USER@HOST, i-…, or an instance type", "local"),
  ).action(async (given: string[]) => {
    await actWithSpec(command, { words: given, behindDashes: words, isRun: true }, async (suites, options, spec) => {
      const { compareCommand: compare } = await import("../commands/compare.ts");
      const { on, suite = [], ...rest } = options as RunOptions & { readonly on: string };
      const chosen = [...suites, ...suite];
      return await compare([on], {
        ...rest,
        mostSides: 1,
        ...(chosen.length > 0 ? { suite: chosen } : {}),
        ...defined({ words }),
        spec,
      });
    });
  });
}

/** Adds the options of commands that measure. */
function measuring(command: Command): Command {
  return addProgressOptions(
    addResultsOption(addLaunchOptions(addCloudOptions(addGateOptions(addOutputOptions(commanding(command))))), true)
      .optionsGroup(groups.output)
      .option("--no-save", "keep nothing of the run: of your own commands on this machine"),
  )
    .optionsGroup("Work:")
    .option(
      "--suite <name>",
      "NAME, NAME/ROW or NAME/ROW/IMPL, or ./FOLDER[:ROW[/IMPL]]; may be repeated (default: hashes)",
      repeatable,
    )
    .option("--rounds <n>", "rounds of every row, the warm-up included (default: each row's own)")
    .option("-r, --runs <n>", "kept runs of every row, beside the warm-up")
    .option("-w, --warmup <n>", "warm-up runs of every row, not kept (default: each row's own, 1 of a command)")
    .option("-m, --min-runs <n>", "of commands: at least so many kept runs (usual: 9)")
    .option("-M, --max-runs <n>", "of commands: at most so many kept runs")
    .option(
      "--until <x%>",
      "go on until every interval is within ±x %, --rounds at most (30); x%:geomean, x%:cpu; gate: until it is decided",
    )
    .option("--machines <n>", "machines of each launched side (default: 3), or at most so many of each found by --tag")
    .option("--set <name=value>", "set a suite's parameter; may be repeated", repeatable)
    .option("--seed <text>", "of the order of rows and machines (default: the run's name)")
    .optionsGroup(groups.machines)
    .option("--instance-profile <name>", "the profile whose role lets the machines' SSM agent in")
    .option("--image <image>", "what launched sides boot that name no image themselves (default: al2023)")
    .option("--zone <name>", "the zone of all sides (default: the first that offers all their types)")
    .option("--subnet <id>", "the subnet of all sides (default: the zone's own)")
    .option("--security-group <id>", "may be repeated (default: the network's own)", repeatable)
    .option("--volume-size <gib>", "the root volume of every machine (default: as large as images and suites need)")
    .option("--spot", "launch spot instances: cheaper, and may be taken away")
    .addOption(choiceOption("--tenancy <name>", "default, dedicated or host", tenancies))
    .option(
      "--tag <key=value>",
      "launch nothing: take what runs, bears the tag and is of the type; may be repeated",
      repeatable,
    )
    .option("--keep-on-failure", "leave machines to their deadline where a run failed, and say how to look in")
    .option("--disposable", "let suites that need root or a machine to throw away run on machines that stay")
    .optionsGroup("Limits:")
    .option("--max-hours <h>", "a launched machine ends itself after so many hours", "2")
    .option("--budget <usd>", "the most that the machines may cost: dearer runs are refused, and ended before it")
    .option("--dry-run", "print the plan and its cost, as plan does, and launch nothing")
    .option("--spread <percent>", "of a plan: what machines of one type differ by, such as 0.5% (default: 0.17%)")
    .option("--allow-burstable", "launch types whose speed depends on credits")
    .optionsGroup("");
}

/** Adds the options of the user's own commands. */
function commanding(command: Command): Command {
  return command
    .optionsGroup("Commands of your own:")
    .option("--command <text>", "a command to time, as -- COMMAND; may be repeated", repeatable)
    .option(
      "-n, --name <text>",
      "the command's name in the table; may be repeated, in the order of the commands",
      repeatable,
    )
    .addOption(choiceOption("-S, --shell <name>", "what runs the commands: none, or sh", shells, "none"))
    .option("--env <name=value>", "set for the commands and their steps; may be repeated", repeatable)
    .option("--env-from-here <name>", "the same, with the value that it has here; kept in plan.json", repeatable)
    .option("-s, --setup <text>", "run by sh once, before all")
    .option("-p, --prepare <text>", "run by sh before each timed run")
    .option("--check <text>", "run by sh after each: its exit status says whether the work was done")
    .option("-c, --cleanup <text>", "run by sh once, after all")
    .option("-i, --ignore-failure", "count runs too that end with another exit status than 0")
    .option("--reference <text>", "a command that stands first: the others are compared with it")
    .option(
      "-L, --parameter-list <var values>",
      "-L VAR a,b,c: the commands once for each value, in place of {VAR}",
      repeatable,
    )
    .option("-P, --parameter-scan <var min max>", "-P VAR MIN MAX: the same for numbers", repeatable)
    .option("-D, --parameter-step-size <n>", "the step of --parameter-scan (default: 1)")
    .option("--upload <folder>", "run the commands in a copy of this folder, at most 1 MB packed")
    .option("--upload-ignored", "upload what .gitignore names, too")
    .option("--timeout <s>", "the longest that one run may take (default: 3600)");
}
