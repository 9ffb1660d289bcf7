// What a command is asked for, written where it was asked for.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { tolerateClosedPipe } from "./closed-pipe.ts";

/** Writes `text` to the file `out`, or to standard output. @throws TimetrialError USAGE where it cannot be written */
export async function writeOutput(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) {
    tolerateClosedPipe(process.stdout);
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(out, text);
  } catch (cause) {
    throw new TimetrialError("USAGE", `--out: cannot write ${quoteForMessage(out)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
