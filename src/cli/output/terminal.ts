// The one place that writes to standard output and standard error. It accepts printable text alone: text of a machine,
// a manifest, an endpoint or a stored run has to pass printable() first.

import { jsonText, type Printable, type PrintableBytes } from "../../domain/printable.ts";
import { tolerateClosedPipe } from "./closed-pipe.ts";

/** The part of a terminal that a live view uses. */
export interface TerminalStream {
  write(text: Printable): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** Writes `text` to standard output as it is. */
export function print(text: Printable | PrintableBytes): void {
  tolerateClosedPipe(process.stdout);
  process.stdout.write(text);
}

/** Resolves when standard output takes more, or takes no more at all. */
export async function drained(): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain || stdout.destroyed) return;
  const ended = ["drain", "error", "close"] as const;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ended) stdout.off(event, done);
      resolve();
    };
    for (const event of ended) stdout.on(event, done);
  });
}

/** Writes `line` to standard error, with a line end; as a JSON object where `writeJsonLines` was called. */
export function say(line: Printable): void {
  if (writesJsonLines()) return sayJson({ what: "message", text: line });
  sayLine(line);
}

/** Writes `value` to standard error as one line of JSON. */
export function sayJson(value: Readonly<Record<string, unknown>>): void {
  sayLine(jsonText(value));
}

function sayLine(line: Printable): void {
  tolerateClosedPipe(process.stderr);
  process.stderr.write(`${line}\n`);
}

// A property of the process: bundles may have a copy of this module each.
const jsonLines = Symbol.for("timetrial.json-lines");

/** From now on each line on standard error is a JSON object. */
export function writeJsonLines(): void {
  Object.defineProperty(process, jsonLines, { value: true });
}

/** Whether each line on standard error is a JSON object. */
export function writesJsonLines(): boolean {
  return jsonLines in process;
}

/** Returns standard error as a terminal that can move its cursor. Undefined where it is none. */
export function terminalOnStderr(): TerminalStream | undefined {
  tolerateClosedPipe(process.stderr);
  if (writesJsonLines()) return undefined;
  return process.stderr.isTTY && process.env["TERM"] !== "dumb" ? process.stderr : undefined;
}

/** Returns the columns of standard output: the terminal's; in a pipe COLUMNS, as ls does; else 80. */
export function outputColumns(): number {
  const { COLUMNS = "" } = process.env;
  return process.stdout.columns ?? (/^[1-9]\d{1,3}$/.test(COLUMNS) ? Number(COLUMNS) : 80);
}
