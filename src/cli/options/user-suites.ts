// Parses a suite of the user's own on the command line: a folder, written with ./, ../ or / in front, and after a colon
// a row of it. The suite's name is the one in its manifest, not the folder's. A folder whose own name could be read as
// a row is written with a slash at its end.

import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { Suite, SuiteSelection } from "../../domain/plan/suite.ts";

const written = /^(.+?)(?::([a-z0-9][a-z0-9._-]{0,39})(?:\/([a-z0-9][a-z0-9._-]{0,39}))?)?$/s;

/** Returns whether `text` names a folder and not a suite that comes with timetrial. */
export function isSuiteFolder(text: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}($|:))/.test(text);
}

/** Splits `./my-suite:row/impl` into the folder, the row and the implementation. */
export function parseSuiteFolder(text: string): Omit<SuiteSelection, "suite"> & { readonly folder: string } {
  const [, folder = text, row, impl] = written.exec(text) ?? [];
  return { folder, ...defined({ row, impl }) };
}

/**
 * Returns the suite's name for each of `texts` that is a folder, by the folder as written.
 *
 * @throws TimetrialError SUITE_UNKNOWN, SUITE_INVALID, USAGE where two suites have one name
 */
export async function loadSuiteNames(
  texts: readonly string[],
  load: (folder: string) => Promise<Suite>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const { folder } of texts.filter(isSuiteFolder).map(parseSuiteFolder)) {
    const { name } = (await load(folder)).manifest;
    const other = folders.get(name) ?? texts.find((text) => !isSuiteFolder(text) && text.split("/")[0] === name);
    if (other !== undefined && other !== folder) {
      throw new TimetrialError(
        "USAGE",
        `--suite: ${quoteForMessage(other)} and ${quoteForMessage(folder)} are both called ${name}`,
        {
          hint: "give one of them another name in its suite.toml",
        },
      );
    }
    folders.set(name, folder);
    names.set(folder, name);
  }
  return names;
}
