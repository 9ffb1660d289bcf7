// man/timetrial.1: the manual, in mdoc(7), from the definitions of the commands and the exit statuses of docs/design.md.

import { readFileSync } from "node:fs";
import { withSource } from "./loaded-source.mjs";

const source = `
  export { Command } from "commander";
  export { commandTable } from "./src/cli/command-table.ts";
  export { examplesOf } from "./src/cli/flags/examples.ts";
`;

/** The text of the manual. */
export async function manPage() {
  const { commands, examplesOf } = await definitions();
  return [
    '.\\" Written by `npm run generate` from the definitions of the commands.',
    `.Dd ${releaseDate()}`,
    ".Dt TIMETRIAL 1",
    ".Os",
    ".Sh NAME",
    ".Nm timetrial",
    ".Nd compare the CPUs of EC2 instance families",
    ".Sh SYNOPSIS",
    ".Nm",
    ".Ar command",
    ".Op Ar argument ...",
    ".Op Ar option ...",
    ".Sh DESCRIPTION",
    ".Nm",
    "runs the same work on machines of two kinds or more, times it there, and prints a table of",
    "speedups that says how sure it is.",
    "The work is a suite that comes with",
    ".Nm ,",
    "or a command of the user's own.",
    "Without a cloud it compares commands, or this machine with another by ssh.",
    ".Sh COMMANDS",
    ".Bl -tag -width Ds",
    ...commands.flatMap(commandLines),
    ".El",
    ".Sh OPTIONS",
    "Each command prints its own options with",
    ".Fl -help .",
    "An option is described once, below the commands that take it.",
    ...optionGroups(commands).flatMap(([names, options]) => [
      `.Ss ${names}`,
      ".Bl -tag -width Ds",
      ...options.flatMap(optionLines),
      ".El",
    ]),
    ".Sh ENVIRONMENT",
    ".Bl -tag -width Ds",
    ...environment.flatMap(([name, about]) => [`.It Ev ${name}`, text(about)]),
    ".El",
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ".It Pa results/RUN",
    "A stored run: its plan, machines, records, and their sums.",
    ".It Pa ~/.local/state/timetrial/results/RUN",
    "A run of the user's own commands on this machine.",
    ".El",
    ".Sh EXIT STATUS",
    "Where several hold, the first of these:",
    ".Bl -tag -width Ds",
    ...exitStatuses().flatMap(([status, meaning]) => [`.It ${status}`, text(meaning)]),
    ".El",
    ".Sh EXAMPLES",
    ".Bd -literal",
    ...commands.flatMap((command) =>
      examplesOf(command.name())
        .split("\n")
        .slice(2)
        .map((line) => text(line.trim())),
    ),
    ".Ed",
    ".Sh SEE ALSO",
    ".Xr hyperfine 1 ,",
    ".Xr ssh 1 ,",
    ".Xr time 1",
    ".Pp",
    "The pages in",
    ".Pa docs/",
    "of the package:",
    ".Pa docs/table.md",
    "has every mark of the table,",
    ".Pa docs/statistics.md",
    "the method.",
    "",
  ].join("\n");
}

/** What is read from the environment beside the variables of the AWS CLI. */
const environment = [
  ["TIMETRIAL_RESULTS", "The folder of runs where no option names one."],
  ["XDG_STATE_HOME", "Where state is kept, in place of ~/.local/state."],
  ["AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID", "These, and the others of the AWS CLI, as it reads them."],
  ["HTTPS_PROXY, NO_PROXY", "The proxy of requests to a cloud, and the hosts without one."],
  ["NO_COLOR", "No colours in the table."],
  ["COLUMNS", "The width of a table that is written to a pipe."],
];

/** The commands with their options, and their examples. */
async function definitions() {
  return await withSource(source, async ({ Command, commandTable, examplesOf }) => {
    // The text of --results names the folder that this variable says.
    delete process.env["TIMETRIAL_RESULTS"];
    const commands = [];
    for (const [name, about, declared] of commandTable) {
      const command = new Command(name).description(about);
      await (
        await declared()
      )(command, undefined);
      commands.push(command);
    }
    return { commands, examplesOf };
  });
}

function commandLines(command) {
  const named = command.registeredArguments.map((argument) => {
    const words = `Ar ${macroWords(argument.name())}${argument.variadic ? " ..." : ""}`;
    return argument.required ? words : `Op ${words}`;
  });
  return [
    `.It Cm ${[command.name(), ...named].join(" ")}`,
    text(`${sentence(command.description())}`),
    ...command.registeredArguments.flatMap((argument) => [
      ".br",
      `.Ar ${macroWords(argument.name())} :`,
      text(argument.description),
    ]),
  ];
}

/** The options of `commands`, by the names of those that have the same one: those of most commands first. */
function optionGroups(commands) {
  const found = new Map();
  for (const command of commands)
    for (const option of command.options) {
      const key = JSON.stringify([option.flags, option.description, option.defaultValue ?? null]);
      const { names = [] } = found.get(key) ?? {};
      found.set(key, { option, names: [...names, command.name()] });
    }
  const groups = new Map();
  for (const { option, names } of found.values()) {
    const key = names.join(", ");
    groups.set(key, [...(groups.get(key) ?? []), option]);
  }
  return [...groups].toSorted(([a], [b]) => b.split(",").length - a.split(",").length);
}

function optionLines({ flags, description, defaultValue }) {
  const [, names = "", values] = /^(.*?)(?: [<[]([^>\]]*)[>\]])?$/.exec(flags) ?? [];
  const written = names.split(", ").map((name) => `Fl ${name.slice(1)}`);
  const isDefaultSaid = defaultValue === undefined || description.includes("(default");
  return [
    `.It ${written.join(" , ")}${values === undefined ? "" : ` Ar ${macroWords(values)}`}`,
    text(`${description}${isDefaultSaid ? "" : ` (default: ${defaultValue})`}`),
  ];
}

/** The rows of the table of exit statuses, highest rank first. */
function exitStatuses() {
  const [, section = ""] = readFileSync("docs/design.md", "utf8").split("## Errors and exit status");
  return [...section.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)].map(([, status, meaning]) => [status, meaning]);
}

/** The day of the newest release; before the first, that on which the manual was begun. */
function releaseDate() {
  const [, day = "2026-11-28"] =
    /^## \[?\d[^\n]* - (\d{4}-\d\d-\d\d)$/m.exec(readFileSync("CHANGELOG.md", "utf8")) ?? [];
  return new Date(day).toLocaleDateString("en-US", { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
}

const sentence = (said) => `${said[0].toUpperCase()}${said.slice(1)}.`;

/** `said` as a line of text: nothing in it is a macro or an escape. */
function text(said) {
  const escaped = said
    .replaceAll("\\", "\\e")
    .replaceAll("…", "...")
    .replace(/[^ -~]/g, (one) => `\\[u${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** `words` in a line of macros: a word that is one is not called. */
function macroWords(words) {
  return text(words)
    .split(" ")
    .map((word) => (/^[A-Z][a-z]$/.test(word) ? `\\&${word}` : word))
    .join(" ");
}
