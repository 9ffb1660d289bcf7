// `check-suite`: prints each fault of a suite of the user's own, with its place and what to do. Exit status 2 where
// there is a fault.

import { print } from "../output/terminal.ts";
import type { SuiteFinding } from "../../domain/suite-finding.ts";
import { printable, printableLines } from "../../domain/printable.ts";
import { checkSuite } from "../wiring.ts";

export async function checkSuiteCommand(folder: string): Promise<number> {
  const { findings, notes } = await checkSuite(folder);
  const shown = folder.replace(/(?<=.)\/+$/, "");
  for (const finding of findings) print(printableLines(text(shown, finding)));
  for (const note of notes) print(printableLines(`${printable(note)}\n`));
  const count = `${findings.length} finding${findings.length === 1 ? "" : "s"}`;
  print(printableLines(`${printable(shown)}: ${findings.length === 0 ? "nothing wrong was found" : count}\n`));
  return findings.length === 0 ? 0 : 2;
}

function text(folder: string, { file, line, what, hint }: SuiteFinding): string {
  const place = `${folder}${file === "" ? "" : `/${file}`}${line === undefined ? "" : `:${line}`}`;
  return `${printable(`${place}: ${what}`)}\n${hint === undefined ? "" : `  ${printable(hint)}\n`}`;
}
