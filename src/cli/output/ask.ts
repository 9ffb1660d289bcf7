// Asks the user a question at a terminal.

import { createInterface } from "node:readline/promises";
import type { Printable } from "../../domain/printable.ts";

/** Whether somebody is there to reply: standard input and standard error are terminals. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Prints `question` and returns whether the user replied with y or yes. */
export async function asksYes(question: Printable): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
