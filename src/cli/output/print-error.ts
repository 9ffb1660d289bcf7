// Prints errors to standard error: one message, what to do about it, and the exit status for it.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { printable, printableLines } from "../../domain/printable.ts";
import { say } from "./terminal.ts";
import { TimetrialError } from "../../domain/errors.ts";

/** Prints `error` and returns the exit status for it. */
export function printError(error: unknown): number {
  if (error instanceof TimetrialError) {
    say(printableLines(`timetrial: ${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}`));
    return error.exitStatus;
  }
  if (isInterrupt(error)) {
    say(printableLines("timetrial: interrupted"));
    return 130;
  }
  const system = systemErrorLine(error);
  say(printableLines(system === undefined ? unexpectedErrorText(error) : `timetrial: ${system}`));
  return 5;
}

/** Returns one line about an unexpected error. A bug report needs the stack, which is written to a file. */
function unexpectedErrorText(error: unknown): string {
  const [first = ""] = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n");
  const what = `timetrial: an error in the program itself: ${printable(first).slice(0, 300)}`;
  try {
    const file = join(mkdtempSync(join(tmpdir(), "timetrial-error-")), "stack.txt");
    const about = `timetrial ${packageRoot().version}, Node ${process.version}, ${process.platform} ${process.arch}`;
    writeFileSync(file, `${about}\n${stackOf(error)}\n`, { mode: 0o600 });
    return `${what}\n  its stack is in ${file}: please report it with that file`;
  } catch (cause) {
    return `${what}\n  its stack could not be written: ${printable(String(cause)).slice(0, 300)}`;
  }
}

/**
 * Returns the stacks of `error` and its causes. Other fields are left out, because a cloud's error may hold what was
 * sent.
 */
function stackOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined || depth > 9 ? own : `${own}\ncaused by: ${stackOf(error.cause, depth + 1)}`;
}

/** System errors that do not point to a bug: a full disk, a missing permission, no more files or memory. */
const systemCodes = new Set(
  "EACCES EDQUOT EFBIG EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENOMEM ENOSPC ENOTDIR EPERM EROFS ETXTBSY".split(
    " ",
  ),
);

/** Returns one line about a system error: what failed, where, why, and what to do. Undefined for any other error. */
function systemErrorLine(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !systemCodes.has(code)) return undefined;
  const words = /^\w+: ([^,]+)/.exec(message)?.[1] ?? "it failed";
  const what = `cannot ${syscall ?? "go on"}${path === undefined ? "" : ` ${path}`}: ${words} (${code})`;
  const hint =
    code === "EMFILE" || code === "ENFILE" ? "\n  raise the number of open files (ulimit -n), then try again" : "";
  return `${what}${hint}`;
}

/** The reason with which a signal aborts a run. */
export class InterruptError extends Error {
  override readonly name = "Interruption";
}

export function isInterrupt(error: unknown): boolean {
  // Compared by name: a program may have two copies of timetrial in it, each with its own class.
  return error instanceof Error && (error.name === "Interruption" || error.name === "AbortError");
}
