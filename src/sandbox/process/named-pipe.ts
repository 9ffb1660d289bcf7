// Pipes between a script and its agent. Node gives a child sockets for pipes, and a socket cannot be opened as
// /dev/stdout: so these are FIFOs, removed from their folder at once. Each is read as a socket is, since Node's streams of
// files read by threads that block.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { program } from "./program.ts";

export interface NamedPipe {
  /** Ends when no process holds the writing end any more. */
  readonly reader: Readable;
  /** File descriptor for the child; close it once the child has been started. */
  readonly writer: number;
  /** Nobody reads any more: whoever writes gets SIGPIPE. */
  readonly breakOff: () => void;
}

/** How many FIFOs one mkfifo(1) makes: each command of an instance takes two, and few instances have only one command. */
const madeAtOnce = 8;

/** Pipes for the next script, made before it comes: starting a program takes longer than a short script. */
export class SparePipes {
  readonly #folder: string;
  /** FIFOs that nobody has opened yet. They go with the folder. */
  readonly #made: string[] = [];
  #next: Promise<NamedPipe[]> | undefined;
  #isClosed = false;

  /** `folder` must exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  prepare(): void {
    if (this.#isClosed) return;
    this.#next ??= this.#open();
    // Whoever takes them hears of it.
    this.#next.catch(() => {});
  }

  /** A pipe for standard output and one for standard error. @throws Error where mkfifo(1) fails */
  async take(): Promise<NamedPipe[]> {
    this.prepare();
    const taken = this.#next ?? [];
    this.#next = undefined;
    return await taken;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const spare = this.#next;
    this.#next = undefined;
    for (const { writer, breakOff } of (await spare?.catch(() => [])) ?? []) {
      closeSync(writer);
      breakOff();
    }
  }

  async #open(): Promise<NamedPipe[]> {
    if (this.#made.length === 0) {
      const paths = Array.from({ length: madeAtOnce }, () => join(this.#folder, `pipe.${randomUUID()}`));
      await promisify(execFile)(program("mkfifo"), ["-m", "600", ...paths], { env: {} });
      this.#made.push(...paths);
    }
    return this.#made.splice(0, 2).map(openPipe);
  }
}

function openPipe(path: string): NamedPipe {
  // Either end waits for the other when it is opened, but for a reader that never blocks.
  const end = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  rmSync(path, { force: true });
  const reader = new Socket({ fd: end, readable: true, writable: false });
  return { reader, writer, breakOff: () => void reader.destroy() };
}
