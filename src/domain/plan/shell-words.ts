// Splits a command line into words by the quoting rules of sh (POSIX.1-2017, XCU 2.2), for commands that run without a
// shell. Syntax that needs a shell is refused: taken literally, it would be another command.

import { TimetrialError } from "../errors.ts";
import { quoteForMessage } from "./side.ts";

const plain = /[^ \t\n'"\\|&;<>()$`]/y;
const single = /'([^']*)'/y;
const double = /"((?:[^"\\$`]|\\[\s\S])*)"/y;
const escaped = /\\([\s\S])/y;
const blank = /[ \t\n]+/y;

/**
 * Splits `text` into words. `option` is the option that it was given by, for the message.
 *
 * @throws TimetrialError USAGE where a quote is open, or a shell is needed: `|`, `&`, `;`, `<`, `>`, `(`, `)`, `$`, `` ` ``.
 */
export function splitShellWords(text: string, option: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found[1] ?? found[0];
  };
  while (at < text.length) {
    if (take(blank) !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const inDouble = take(double)
      ?.replace(/\\([\\"$`])/g, "$1")
      .replaceAll("\\\n", "");
    const piece: string | undefined = inDouble ?? take(single) ?? take(escaped) ?? take(plain);
    if (piece === undefined) throw needsShell(text, at, option);
    word = (word ?? "") + piece;
  }
  return word === undefined ? words : [...words, word];
}

function needsShell(text: string, at: number, option: string): TimetrialError {
  const what = text[at] as string;
  if (what === "'" || (what === '"' && !/[$`]/.test(text.slice(at)))) {
    return new TimetrialError("USAGE", `${option}: ${quoteForMessage(text)}: a quote ${what} is never closed`);
  }
  const sign = what === '"' ? "a substitution in double quotes" : quoteForMessage(what);
  return new TimetrialError("USAGE", `${option}: ${quoteForMessage(text)}: ${sign} means something to a shell only`, {
    hint: "add --shell sh, or put it in single quotes within the command",
  });
}
