// `check-suite`: prints each fault of a suite of the user's own, with its place and what to do. Exit status 2 where
// there is a fault.

import { print } from "../output/terminal.ts";
import type { SuiteCheckResult, SuiteFinding } from "../../domain/suite-finding.ts";
import { type Printable, printable, printableLines } from "../../domain/printable.ts";
import { checkSuite } from "../wiring.ts";

export async function checkSuiteCommand(folder: string): Promise<number> {
  const { said, status } = describeCheck(folder, await checkSuite(folder));
  print(said);
  return status;
}

/** What the command says of the suite in `folder`, and its exit status. */
interface DescribedCheck {
  /** Each finding with its place, what was not tried, and how many findings there are. */
  readonly said: Printable;
  readonly status: number;
}

export function describeCheck(folder: string, { findings, notes }: SuiteCheckResult): DescribedCheck {
  const shown = folder.replace(/(?<=.)\/+$/, "");
  const count = `${findings.length} finding${findings.length === 1 ? "" : "s"}`;
  const said = printableLines(
    [
      ...findings.map((finding) => text(shown, finding)),
      ...notes.map((note) => `${printable(note)}\n`),
      `${printable(shown)}: ${findings.length === 0 ? "nothing wrong was found" : count}\n`,
    ].join(""),
  );
  return { said, status: findings.length === 0 ? 0 : 2 };
}

function text(folder: string, { file, line, what, hint }: SuiteFinding): string {
  const place = `${folder}${file === "" ? "" : `/${file}`}${line === undefined ? "" : `:${line}`}`;
  return `${printable(`${place}: ${what}`)}\n${hint === undefined ? "" : `  ${printable(hint)}\n`}`;
}
