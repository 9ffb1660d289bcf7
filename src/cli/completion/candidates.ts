// Finds what the last word of an unfinished command line may become, for the shells' completion.

import type { Argument, Command, Option } from "commander";
import { choicesOf } from "../options/choices.ts";

/** One value that the word may become. */
export interface Candidate {
  readonly value: string;
  /** What it is, in one line. */
  readonly about?: string;
}

/** The values that are not known from the definitions of commands. */
export interface CompletionSources {
  /** Suites; where `begun` names a suite, also its rows: `hashes/sha1`, `hashes/sha1/portable-c`. */
  suites(begun: string): Promise<readonly Candidate[]>;
  runs(): Promise<readonly Candidate[]>;
  /** Sides of the run that `name` names; undefined where there is no such run. */
  sidesOf(name: string): Promise<readonly string[] | undefined>;
  /** Rows of the run that `name` names. */
  rowsOf(name: string): Promise<readonly string[]>;
  /** Instance types of stored runs. */
  types(): Promise<readonly string[]>;
  /** Published figures as sides, of boots or of suites. */
  published(isOfBoots: boolean): Promise<readonly string[]>;
}

interface Situation {
  readonly command: Command;
  /** The word that is completed: behind `--option=`, what follows. */
  readonly word: string;
  /** Words of the command that are no options. */
  readonly operands: readonly string[];
  readonly sources: CompletionSources;
}

/**
 * Returns what the last of `words` may become. `root` has the command that they name, with its options; where they name
 * none, all commands. Whatever the word begins with already is not looked at, except where it decides what may follow.
 */
export async function findCandidates(
  root: Command,
  words: readonly string[],
  sources: CompletionSources,
): Promise<Candidate[]> {
  const [name = "", ...rest] = words;
  if (rest.length === 0) return [...named(root.commands), helpCommand, ...flagsOf(root.options)];
  if (name === "help") return rest.length === 1 ? named(root.commands) : [];
  const command = root.commands.find((known) => known.name() === name);
  // Behind -- stands a command of the user's own.
  if (command === undefined || rest.slice(0, -1).includes("--")) return [];
  const { operands, pending } = readWords(command, rest.slice(0, -1));
  const situation = { command, word: rest.at(-1) ?? "", operands, sources };
  if (pending !== undefined) return (await ofOption(pending, situation)).filter(isNoFlag);
  const [, flag = "", value] = /^(--[a-z-]+)=(.*)$/s.exec(situation.word) ?? [];
  const option = command.options.find(({ long }) => long === flag);
  if (option !== undefined && value !== undefined) {
    const found = await ofOption(option, { ...situation, word: value });
    return found.map((candidate) => ({ ...candidate, value: `${flag}=${candidate.value}` }));
  }
  if (situation.word.startsWith("-")) return flagsOf([...command.options, ...helpOption]);
  return (await ofArgument(situation)).filter(isNoFlag);
}

/** A folder may be called --trust: it is not offered, for it would be taken for the flag. */
function isNoFlag({ value }: Candidate): boolean {
  return !value.startsWith("-");
}

const helpCommand: Candidate = { value: "help", about: "what a command takes" };
const helpOption = [{ long: "--help", short: "-h", description: "what this command takes", hidden: false }];

function named(commands: readonly Command[]): Candidate[] {
  return commands.map((command) => ({ value: command.name(), about: command.description() }));
}

function flagsOf(options: readonly Pick<Option, "long" | "short" | "description" | "hidden">[]): Candidate[] {
  return options
    .filter(({ hidden }) => !hidden)
    .flatMap(({ long, short, description: about }) =>
      [long, short].flatMap((value) => (value ? [{ value, about }] : [])),
    );
}

/** Splits the words before the one that is completed: operands, and the option whose value that one is. */
function readWords(command: Command, words: readonly string[]): { operands: string[]; pending?: Option } {
  const operands: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (!/^-./.test(word)) {
      operands.push(word);
      continue;
    }
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (option === undefined || !option.required) continue;
    const values = /<(.*)>/.exec(option.flags)?.[1]?.split(" ").length ?? 1;
    if (i + values >= words.length) return { operands, pending: option };
    i += values;
  }
  return { operands };
}

/** What is completed by another source than the choices of a definition, by the option's long flag. */
const byOption: Readonly<Record<string, (situation: Situation) => Promise<Candidate[]>>> = {
  "--suite": ofSuites,
  "--on": ofSides,
  "--baseline": ofBaseline,
  "--run": ofRuns,
  "--image": async () => plain(images),
  "--price": async ({ sources }) => plain((await sources.types()).map((type) => `${type}=`)),
};

/** The same by the name of a command's argument. */
const byArgument: Readonly<Record<string, (situation: Situation) => Promise<Candidate[]>>> = {
  suite: ofSuites,
  side: ofSides,
  type: ofSides,
  run: ofRuns,
  image: async () => plain(images),
  row: async ({ operands: [run = ""], sources }) => plain([...(await sources.rowsOf(run)), "geomean"]),
  name: ofListName,
};

/** One name of each public system: `ami` lists the others. */
const images = ["al2023", "ubuntu/24.04", "debian/12", "freebsd/14.3", "freebsd/arm64/zfs/14.3"];

async function ofOption(option: Option, situation: Situation): Promise<Candidate[]> {
  const choices = choicesOf(option);
  return choices === undefined ? ((await byOption[option.long ?? ""]?.(situation)) ?? []) : plain(choices);
}

async function ofArgument(situation: Situation): Promise<Candidate[]> {
  const { command, operands } = situation;
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  const argument: Argument | undefined = all[operands.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  const choices = choicesOf(argument);
  return choices === undefined ? ((await byArgument[argument.name()]?.(situation)) ?? []) : plain(choices);
}

async function ofSuites({ word, sources }: Situation): Promise<Candidate[]> {
  return [...(await sources.suites(word))];
}

/** The name behind `list suites` and `list types`. */
async function ofListName({ operands: [what], sources }: Situation): Promise<Candidate[]> {
  if (what === "suites") return [...(await sources.suites(""))];
  return what === "types" ? plain(await sources.types()) : [];
}

async function ofSides({ command, word, sources }: Situation): Promise<Candidate[]> {
  const seen = (await sources.types()).map((value) => ({ value, about: "a type of a stored run" }));
  const isBoot = command.name() === "boot";
  const places = [
    { value: "local", about: "this machine" },
    { value: "ssh:", about: "ssh:USER@HOST, a machine that you have" },
    { value: "firecracker:", about: "firecracker:FILE.toml, a microVM of this computer" },
  ];
  const published = command.name() === "run" ? [] : await sources.published(isBoot);
  return labelled(word, [
    ...places.slice(isBoot ? 2 : 0),
    ...seen,
    ...published.map((value) => ({ value, about: "published figures" })),
  ]);
}

async function ofRuns({ command, word, sources }: Situation): Promise<Candidate[]> {
  const latest = { value: "latest", about: "the newest run" };
  // sweep takes the name of a run, not a path or a word for it.
  return labelled(word, command.name() === "sweep" ? await sources.runs() : [latest, ...(await sources.runs())]);
}

/** Sides that the words name: those of stored runs where they name runs. */
async function ofBaseline({ command, operands, sources }: Situation): Promise<Candidate[]> {
  if (command.registeredArguments[0]?.name() !== "run") return plain(operands);
  const sides = await Promise.all(operands.map((run) => sources.sidesOf(run)));
  return plain(sides.flatMap((found) => found ?? []));
}

/** `candidates` behind the label that `word` begins with: `new=`. */
function labelled(word: string, candidates: readonly Candidate[]): Candidate[] {
  const label = /^[\w.-]+=/.exec(word)?.[0] ?? "";
  return candidates.map((candidate) => ({ ...candidate, value: `${label}${candidate.value}` }));
}

function plain(values: readonly string[]): Candidate[] {
  return [...new Set(values)].map((value) => ({ value }));
}
