// Colours the table on a terminal. The text says the same without: colour only helps to find it.

import { joinPrintable, type Printable, printableLines, terminalControl } from "../../domain/printable.ts";
import { colourChoices } from "../options/choices.ts";
import { parseChoice } from "../options/option-values.ts";

const [green, red, dim, plain] = [32, 31, 2, 0].map((code) => terminalControl(`\u001b[${code}m`)) as [
  Printable,
  Printable,
  Printable,
  Printable,
];

/**
 * Returns whether standard output gets colours: `when` is the value of --color. By default a terminal does, unless
 * NO_COLOR is set (https://no-color.org) or TERM is dumb.
 *
 * @throws TimetrialError USAGE
 */
export function usesColour(when: string | undefined): boolean {
  const chosen = parseChoice("--color", when ?? "auto", colourChoices);
  const { NO_COLOR = "", TERM } = process.env;
  return chosen === "always" || (chosen === "auto" && process.stdout.isTTY && NO_COLOR === "" && TERM !== "dumb");
}

/** A speedup whose interval excludes 1; one that shows no difference; a cell of what failed. */
const parts =
  /(?<differs>(?<![\w.~])\d[\d.]*x(?= [(±]))|(?<none>~ \d[\d.]*)|(?<failed>(?<= {2})(?:fail|t\/o)(?=\s|$))/gm;

/** Colours a printed table: faster is green, slower and failed are red, no difference is dim. */
export function paintTable(text: Printable): Printable {
  const painted: Printable[] = [];
  let at = 0;
  for (const found of text.matchAll(parts)) {
    const [word] = found;
    painted.push(
      printableLines(text.slice(at, found.index)),
      colourOf(word, found.groups),
      printableLines(word),
      plain,
    );
    at = found.index + word.length;
  }
  return joinPrintable([...painted, printableLines(text.slice(at))]);
}

function colourOf(word: string, groups: Readonly<Record<string, string | undefined>> = {}): Printable {
  if (groups["none"] !== undefined) return dim;
  return groups["differs"] !== undefined && Number.parseFloat(word) > 1 ? green : red;
}
