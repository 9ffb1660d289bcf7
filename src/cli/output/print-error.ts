// Errors on standard error: one message, what to do about it, and the exit status that goes with it.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";

/** Prints `error` and returns the exit status for it. */
export function printError(error: unknown): number {
  if (error instanceof TimetrialError) {
    process.stderr.write(`timetrial: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
    return error.exitStatus;
  }
  if (isInterrupt(error)) {
    process.stderr.write("timetrial: interrupted\n");
    return 130;
  }
  process.stderr.write(`${unforeseen(error)}\n`);
  return 5;
}

/** One line of an error that the program did not foresee. A report of it needs the stack, which is written to a file. */
function unforeseen(error: unknown): string {
  const [first = ""] = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n");
  const what = `timetrial: an error of the program's own: ${printable(first).slice(0, 300)}`;
  try {
    const file = join(mkdtempSync(join(tmpdir(), "timetrial-error-")), "stack.txt");
    const about = `timetrial ${packageRoot().version}, Node ${process.version}, ${process.platform} ${process.arch}`;
    writeFileSync(file, `${about}\n${stackOf(error)}\n`, { mode: 0o600 });
    return `${what}\n  its stack is in ${file}: please report it with that file`;
  } catch (cause) {
    return `${what}\n  its stack could not be written: ${printable(String(cause)).slice(0, 300)}`;
  }
}

/** The stacks of `error` and its causes. Other fields are left out: a cloud's error may hold what was sent. */
function stackOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined || depth > 9 ? own : `${own}\ncaused by: ${stackOf(error.cause, depth + 1)}`;
}

/** The reason that a signal aborts a run with. */
export class InterruptError extends Error {
  override readonly name = "Interruption";
}

export function isInterrupt(error: unknown): boolean {
  // By name: each group of commands is built into a file of its own, and this module into each.
  return error instanceof Error && (error.name === "Interruption" || error.name === "AbortError");
}
