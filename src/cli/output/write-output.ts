// Writes what a command prints to a file or to standard output.

import { writeFile } from "node:fs/promises";
import { TimetrialError } from "../../domain/errors.ts";
import { type Printable, printableLines } from "../../domain/printable.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { TextPiece } from "../../domain/printable-bytes.ts";
import { drained, print } from "./terminal.ts";

/**
 * Writes `text` to the file `out`, or to standard output, where `paint` may colour it. Each format has already escaped control characters in its own
 * way, so printableLines() changes nothing.
 *
 * @throws TimetrialError USAGE where the file cannot be written
 */
export async function writeOutput(
  text: string | Iterable<TextPiece>,
  out: string | undefined,
  paint: (text: Printable) => Printable = (same) => same,
): Promise<void> {
  if (out === undefined) {
    for (const piece of typeof text === "string" ? [text] : text) {
      print(typeof piece === "string" ? paint(printableLines(piece)) : piece);
      await drained();
    }
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
