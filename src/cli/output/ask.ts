// Asks the user a question at a terminal.

import type { Printable } from "../../domain/printable.ts";
import { writesJsonLines } from "./terminal.ts";

/** Whether somebody is there to reply: standard input and standard error are terminals, and a program reads no JSON there. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && !writesJsonLines();
}

/** Prints `question` and returns whether the user replied with y or yes. */
export async function asksYes(question: Printable): Promise<boolean> {
  const { createInterface: open } = await import("node:readline/promises");
  const terminal = open({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
