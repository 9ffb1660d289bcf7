// What a command prints: a file, or standard output.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";
import { printableLines } from "../../domain/printable.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { print } from "./terminal.ts";

/**
 * Writes `text` to the file `out`, or to standard output. @throws TimetrialError USAGE where it cannot be written
 *
 * The formats have escaped what a terminal obeys, each in its own way: printableLines() changes nothing of them.
 */
export async function writeOutput(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) return print(printableLines(text));
  try {
    await writeFile(out, text);
  } catch (cause) {
    throw new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(out)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
