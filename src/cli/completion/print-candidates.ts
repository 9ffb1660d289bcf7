// `__complete WORD...`, which the scripts of completions/ call: prints a line for each value that the last word may become,
// and behind a tab what it is.

import type { Command } from "commander";
import { printable, printableLines } from "../../domain/printable.ts";
import { print } from "../output/terminal.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { completionSources } from "./sources.ts";

/**
 * Prints the candidates of `words`. `program` returns the commands; with a command's name, that one with its options. An error
 * prints nothing: the user is typing.
 */
export async function printCandidates(
  words: readonly string[],
  program: (named: string | undefined) => Promise<Command>,
): Promise<void> {
  try {
    const root = await program(words.length > 1 ? words[0] : undefined);
    print(printableLines(candidateLines(await findCandidates(root, words, completionSources(words)))));
  } catch {
    // No candidate.
  }
}

/**
 * A value of letters, digits and characters that no shell interprets. bash writes what is chosen into the command line as it
 * is: the name of a folder with others could become a command. Such a folder can still be completed as a path.
 */
const harmless = /^(?=[\w-])[\w.:/=@+,-]{1,200}$/;

/** Returns the lines that the scripts read. Values that a shell could interpret are left out. */
export function candidateLines(candidates: readonly Candidate[]): string {
  return candidates
    .filter(({ value }) => harmless.test(value))
    .map(({ value, about }) => `${value}${about === undefined ? "" : `\t${shortened(printable(about))}`}\n`)
    .join("");
}

/** The longest text beside a value: menus have a line for each. */
const longest = 70;

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`;
}
