// Converts the options of the user's own commands to what is run.

import { defined } from "../../domain/defined.ts";
import { type UserCommands, displayTitle, shellQuoted } from "../../domain/plan/user-command.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage, type Side } from "../../domain/plan/side.ts";
import { splitShellWords } from "../../domain/plan/shell-words.ts";
import {
  combinations,
  type ParameterOptions,
  type ScannedParameter,
  scannedParameters,
  substituted,
} from "./hyperfine-options.ts";
import { shells } from "./choices.ts";
import { parseChoice } from "./option-values.ts";

export interface UserCommandOptions extends ParameterOptions {
  /** The words behind `--`. */
  readonly words?: readonly string[];
  readonly command?: readonly string[];
  readonly name?: readonly string[];
  readonly shell?: string;
  /** Each is `NAME=VALUE`. */
  readonly env?: readonly string[];
  /** Names of variables of this process. Their values are passed on. */
  readonly envFromHere?: readonly string[];
  readonly setup?: string;
  readonly prepare?: string;
  readonly check?: string;
  readonly cleanup?: string;
  readonly upload?: string;
  readonly uploadIgnored?: boolean;
  readonly timeout?: string;
  readonly ignoreFailure?: boolean;
  /** A command that is placed before the others and that they are compared with. */
  readonly reference?: string;
}

/** The most bytes of one command. */
const longest = 10_000;

/**
 * Returns the commands that `options` give, or undefined where they give none. On this machine alone, and without an
 * upload, the commands run in `folder`.
 *
 * @throws TimetrialError USAGE
 */
export function parseUserCommands(
  options: UserCommandOptions,
  sides: readonly Side[],
  folder: string,
): UserCommands | undefined {
  const shell = parseChoice("--shell", options.shell ?? "none", shells);
  const parameters = scannedParameters(options);
  const chosen = combinations(parameters);
  const expanded = (texts: readonly string[]): string[][] =>
    chosen.map((values) => texts.map((text) => substituted(text, values)));
  const written = [
    ...commandAfterDashes(options.words, shell),
    ...(options.command ?? []).map((text) => oneText(text, shell, "--command")),
  ];
  const commands = [
    ...(options.reference === undefined ? [] : [oneText(options.reference, shell, "--reference")]),
    ...written.flatMap(expanded),
  ];
  const { setup, prepare, check, cleanup, upload } = options;
  const given = options.name ?? [];
  // A name for each command as written is a name for all commands that parameters make of it.
  const names =
    parameters.length > 0 && given.length === written.length ? given.flatMap((name) => expanded([name]).flat()) : given;
  const steps = defined({ setup, prepare, check, cleanup, upload });
  if (commands.length === 0) {
    const [lonely] = [
      ...Object.keys(steps),
      ...(names.length > 0 ? ["name"] : []),
      ...(options.env === undefined ? [] : ["env"]),
      ...(options.envFromHere === undefined ? [] : ["env-from-here"]),
      ...(options.uploadIgnored === true ? ["upload-ignored"] : []),
    ];
    if (lonely === undefined && options.timeout === undefined && shell === "none") return undefined;
    throw usage(`--${lonely ?? (shell === "none" ? "timeout" : "shell")}: there is no command that it could be for`, {
      hint: "write the command at the end, behind --, or give it by --command",
    });
  }
  for (const [option, text] of [...Object.entries(steps), ...names.map((name) => ["name", name] as const)])
    refuseUnusableText(text, `--${option}`);
  const timeout_s = timeoutOf(options.timeout);
  refuseUnusedParameters(parameters, written, Object.entries(steps));
  const titled = withTitles(commands, names, shell);
  const here = upload === undefined && sides.every((side) => side.kind === "local");
  if (here) refuseUnusableText(folder, "this folder's name");
  const env = variables(options);
  if (options.uploadIgnored === true && upload === undefined)
    throw usage("--upload-ignored: expected --upload with it, got none");
  const set = {
    ...(env.length > 0 ? { env } : {}),
    ...(options.uploadIgnored === true ? { upload_ignored: true as const } : {}),
  };
  const ignores = options.ignoreFailure === true ? { ignore_failure: true as const } : {};
  return { shell, commands: titled, ...set, ...steps, ...ignores, ...(here ? { folder } : {}), timeout_s };
}

/**
 * Refuses a parameter that no command uses, or that a step uses: a step is the same for all commands.
 *
 * @throws TimetrialError USAGE
 */
function refuseUnusedParameters(
  parameters: readonly ScannedParameter[],
  commands: readonly (readonly string[])[],
  steps: readonly (readonly [string, string | undefined])[],
): void {
  for (const { name } of parameters) {
    const word = `{${name}}`;
    const step = steps.find(([, text]) => text?.includes(word) === true);
    if (step !== undefined)
      throw usage(`--${step[0]}: ${word}: a parameter stands in commands only`, { hint: "it is one for all commands" });
    if (!commands.flat().some((text) => text.includes(word)))
      throw usage(`parameter ${name}: no command has ${word} in it`);
  }
}

/** Returns one command as words; or several commands, each a text of its own, where the first text holds a blank. */
function commandAfterDashes(words: readonly string[] | undefined, shell: UserCommands["shell"]): string[][] {
  if (words === undefined) return [];
  const [first] = words;
  if (first === undefined) throw usage("--: expected a command behind it, got nothing");
  if (/\s/.test(first) || (shell === "sh" && words.length === 1))
    return words.map((text) => oneText(text, shell, "--"));
  if (shell === "sh") {
    throw usage(`--shell sh: expected the command as one text, got ${words.length} words`, {
      hint: `put it in quotes: -- ${quoteForMessage(words.join(" "))}`,
    });
  }
  return [fit(words, "--")];
}

function oneText(text: string, shell: UserCommands["shell"], option: string): string[] {
  refuseUnusableText(text, option);
  if (shell === "none") return fit(splitShellWords(text, option), option);
  if (text.trim() === "") throw usage(`${option}: expected a command, got ${quoteForMessage(text)}`);
  return ["sh", "-c", text];
}

/**
 * Returns the words of a command.
 *
 * @throws TimetrialError USAGE where the first of `words` cannot be the name of a program
 */
function fit(words: readonly string[], option: string): string[] {
  for (const word of words) refuseUnusableText(word, option);
  const [program = ""] = words;
  if (program === "" || program.startsWith("-"))
    throw usage(`${option}: expected a command, got ${quoteForMessage(program)}`);
  if (/^[A-Za-z_]\w*=/.test(program)) {
    throw usage(`${option}: expected a command, got ${quoteForMessage(program)}`, {
      hint: `without a shell, env sets variables: env ${shellQuoted(words)}`,
    });
  }
  return [...words];
}

/**
 * Refuses NUL and text that is not UTF-8. Node puts U+FFFD in place of bytes that are not UTF-8.
 *
 * @throws TimetrialError USAGE
 */
function refuseUnusableText(text: string, option: string): void {
  if (text.includes("\u0000") || text.includes("\ufffd"))
    throw usage(`${option}: expected UTF-8 without NUL, got ${quoteForMessage(text)}`);
  if (Buffer.byteLength(text) > longest) {
    throw usage(`${option}: expected at most ${longest} bytes, got ${Buffer.byteLength(text)}`, {
      hint: "put it into a script, and ship that with --upload",
    });
  }
}

function withTitles(
  commands: readonly (readonly string[])[],
  names: readonly string[],
  shell: UserCommands["shell"],
): UserCommands["commands"] {
  if (names.length > 0 && names.length !== commands.length)
    throw usage(`--name: expected as many names as commands, ${commands.length}, got ${names.length}`);
  const titled = commands.map((words, i) => ({
    title: names[i] ?? (shell === "sh" ? (words[2] as string) : shellQuoted(words)),
    words: [...words],
  }));
  const seen = new Set<string>();
  for (const { title } of titled) {
    if (title.trim() === "") throw usage(`--name: expected a name, got ${quoteForMessage(title)}`);
    if (seen.has(displayTitle(title)))
      throw usage(`two commands are called ${quoteForMessage(displayTitle(title))} in the table`, {
        hint: "give each a --name",
      });
    seen.add(displayTitle(title));
  }
  return titled;
}

/** Names that belong to the agent: another value would lose a step, or time it wrongly. */
const reserved = /^(TT_|TIMETRIAL_)/;

/** Returns `NAME=VALUE` texts, the last value of each name. @throws TimetrialError USAGE */
function variables({ env = [], envFromHere = [] }: UserCommandOptions): string[] {
  const here = envFromHere.map((name) => {
    const value = /^[A-Za-z_]\w*$/.test(name) ? process.env[name] : "";
    if (value === undefined) throw usage(`--env-from-here: ${quoteForMessage(name)} is not set here`);
    return {
      option: "--env-from-here",
      text: value === "" && !/^[A-Za-z_]\w*$/.test(name) ? name : `${name}=${value}`,
    };
  });
  const all = new Map<string, string>();
  for (const { option, text } of [...env.map((text) => ({ option: "--env", text })), ...here]) {
    refuseUnusableText(text, option);
    const [, name] = /^([A-Za-z_]\w*)=/.exec(text) ?? [];
    if (name === undefined)
      throw usage(
        `${option}: expected ${option === "--env" ? "NAME=VALUE" : "a variable's name"}, got ${quoteForMessage(text)}`,
      );
    if (reserved.test(name)) throw usage(`${option}: ${name}: names that start with TT_ or TIMETRIAL_ are timetrial's`);
    all.set(name, text);
  }
  return [...all.values()];
}

function timeoutOf(text: string | undefined): number {
  const value = text === undefined ? 3600 : /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 86_400) return value;
  throw usage(`--timeout: expected whole seconds from 1 to 86400, got ${quoteForMessage(text ?? "")}`);
}

function usage(message: string, options: { hint?: string } = {}): TimetrialError {
  return new TimetrialError("USAGE", message, options);
}
