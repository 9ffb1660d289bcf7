// Errors on standard error: one message, what to do about it, and the exit status that goes with it.

import { TimetrialError } from "../../domain/errors.ts";

/** Prints `error`; answers the exit status for it. */
export function printError(error: unknown): number {
  if (error instanceof TimetrialError) {
    process.stderr.write(`timetrial: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
    return error.exitStatus;
  }
  if (isInterrupt(error)) {
    process.stderr.write("timetrial: interrupted\n");
    return 130;
  }
  // Not a case that was thought of: the stack is what a report of it needs.
  process.stderr.write(`timetrial: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 5;
}

/** The reason that a signal aborts a run with. */
export class InterruptError extends Error {
  override readonly name = "Interruption";
}

export function isInterrupt(error: unknown): boolean {
  // By name: each group of commands is built into a file of its own, and this module into each.
  return error instanceof Error && (error.name === "Interruption" || error.name === "AbortError");
}
