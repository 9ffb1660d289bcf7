// `check-suite`: prints each fault of a suite of the user's own, with its place and what to do. Exit status 2 where
// there is a fault.

import { print } from "../output/terminal.ts";
import type { SuiteCheckResult, SuiteFinding } from "../../domain/suite-finding.ts";
import { type Printable, printable, printableLines } from "../../domain/printable.ts";
import { checkSuite } from "../wiring.ts";

export async function checkSuiteCommand(folder: string): Promise<number> {
  const result = await checkSuite(folder);
  print(describeCheck(folder, result));
  return result.findings.length === 0 ? 0 : 2;
}

/** What was found in `folder`, as it is printed: each finding with its place, what was not tried, and how many they are. */
export function describeCheck(folder: string, { findings, notes }: SuiteCheckResult): Printable {
  const shown = folder.replace(/(?<=.)\/+$/, "");
  const count = `${findings.length} finding${findings.length === 1 ? "" : "s"}`;
  return printableLines(
    [
      ...findings.map((finding) => text(shown, finding)),
      ...notes.map((note) => `${printable(note)}\n`),
      `${printable(shown)}: ${findings.length === 0 ? "nothing wrong was found" : count}\n`,
    ].join(""),
  );
}

function text(folder: string, { file, line, what, hint }: SuiteFinding): string {
  const place = `${folder}${file === "" ? "" : `/${file}`}${line === undefined ? "" : `:${line}`}`;
  return `${printable(`${place}: ${what}`)}\n${hint === undefined ? "" : `  ${printable(hint)}\n`}`;
}
