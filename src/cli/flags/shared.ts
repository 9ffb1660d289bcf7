// Declares options that several commands have.

import { type Command, Option } from "commander";
import {
  axes,
  clouds,
  colourChoices,
  progressForms,
  rankings,
  setChoices,
  undecidedAnswers,
} from "../options/choices.ts";
import { formats } from "../output/formats.ts";

/** Collects the values of an option that may be repeated. */
export const repeatable = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/** Returns an option that takes one of `choices` alone. What parses its value refuses others. */
export function choiceOption(flags: string, about: string, choices: readonly string[], fallback?: string): Option {
  const option = new Option(flags, about);
  if (fallback !== undefined) option.default(fallback);
  return setChoices(option, choices);
}

/** Headings in --help of options that several functions add. */
export const groups = { output: "Output:", place: "Account and place:", machines: "Machines:" } as const;

/** Adds --by, which turns the table. */
export function addAxisOption(command: Command): Command {
  return command.addOption(
    choiceOption(
      "--by <what>",
      "compare sides, or on one side: its commands with each other (default: what there are several of)",
      axes,
    ),
  );
}

/** Adds the options of commands that print a comparison. */
export function addOutputOptions(command: Command): Command {
  return addAxisOption(command.optionsGroup(groups.output))
    .addOption(
      choiceOption(
        "--format <name>",
        "table, markdown, csv, csv-long (a line a trial), json, html, svg or benchstat (default: table, or by the ending of --out)",
        formats,
      ),
    )
    .option("--price <type=usd>", "dollars an hour, for $ a job; TYPE:spot=USD for spot; may be repeated", repeatable)
    .addOption(
      choiceOption(
        "--rank <by>",
        "four sides or more: the best first in real (default), cpu or cost, the dollars a job",
        rankings,
      ),
    )
    .option("--plot", "draw the speedups and their intervals below the table")
    .option("--why", "split the speedups in CPU time: clock, instructions, work a cycle (docs/why.md)")
    .addOption(
      choiceOption(
        "--color <when>",
        "auto, always or never: a terminal, unless NO_COLOR is set",
        colourChoices,
        "auto",
      ),
    )
    .option(
      "--wide",
      "times beside the speedups, also of three sides and more; of four and more in place of the matrix",
    )
    .option(
      "--out <file>",
      "write it there instead of to standard output, as its ending says; may be repeated",
      repeatable,
    )
    .option("--export-json <file>", "write it there too, as JSON; each --export may be repeated", repeatable)
    .option("--export-csv <file>", "write it there too, as CSV", repeatable)
    .option("--export-markdown <file>", "write it there too, as Markdown", repeatable)
    .option("--export-html <file>", "write it there too, as HTML", repeatable)
    .option("--export-svg <file>", "write it there too, as SVG", repeatable)
    .optionsGroup("");
}

/** Adds the options of how progress is shown. */
export function addProgressOptions(command: Command): Command {
  return command
    .option("--quiet", "no progress on standard error")
    .addOption(
      choiceOption(
        "--progress <form>",
        "auto, or ndjson: each event and message on standard error as a line of JSON (docs/formats.md)",
        progressForms,
        "auto",
      ),
    );
}

/** Adds the options of a gate. */
export function addGateOptions(command: Command): Command {
  return command
    .optionsGroup(groups.output)
    .option(
      "--fail-if <limit>",
      "'cpu slower than 3 %', of ROW or geomean where named: exit 6 where it is so, 7 where undecided; may be repeated",
      repeatable,
    )
    .addOption(choiceOption("--undecided <what>", "what an undecided limit counts as: pass or fail", undecidedAnswers))
    .optionsGroup("");
}

/** Adds the options that choose the cloud and the place in it. */
export function addCloudOptions(command: Command): Command {
  return command
    .optionsGroup(groups.place)
    .addOption(choiceOption("--cloud <name>", "aws or sandbox", clouds, "aws"))
    .option("--region <name>", "as in the AWS CLI")
    .option("--profile <name>", "as in the AWS CLI", (name: string) => {
      // The SDK's default chain reads the profile from there, and so do the user's processes of that profile.
      process.env["AWS_PROFILE"] = name;
      return name;
    })
    .option("--endpoint <url>", "another endpoint than AWS's own")
    .optionsGroup("");
}

/** Adds the options of what is launched: its tags, and the encryption of its disks. */
export function addLaunchOptions(command: Command): Command {
  return command
    .optionsGroup(groups.machines)
    .option("--launch-tag <key=value>", "a tag of all that is launched, beside our own; may be repeated", repeatable)
    .option("--encrypted", "encrypt the machines' disks (default: as the account has it)")
    .option("--kms-key <id>", "the key that encrypts them: its id, alias/NAME or ARN (default: the account's)")
    .optionsGroup("");
}

/** Adds --results. `own`: the command can run the user's own commands, whose runs are kept elsewhere. */
export function addResultsOption(command: Command, own = false): Command {
  const named = process.env["TIMETRIAL_RESULTS"] || "results";
  command.optionsGroup(groups.output);
  if (own) {
    const text = `where runs are kept (default: ${named}; of your own commands here, the state folder)`;
    command.option("--results <folder>", text);
  } else command.option("--results <folder>", "where runs are kept", named);
  return command.optionsGroup("");
}
