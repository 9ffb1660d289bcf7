// What a guest prints on its serial console, read from the first byte on: a pipe that nobody reads drops bytes.

import { printable } from "../../domain/printable.ts";
import type { Clock } from "../../ports/clock.ts";

const keptBytes = 65_536;

/** The line that says why a kernel panicked; Linux and FreeBSD print registers and a backtrace behind it. */
const panicLine = /Kernel panic - not syncing|^panic: |Unknown MP Config Entry/;

/** The end of a guest by its own words: the pattern, what it means, and what to do. */
const deaths: readonly { readonly pattern: RegExp; readonly means: string }[] = [
  {
    pattern: /Unknown MP Config Entry|mptable_walk_table/,
    means:
      "the FreeBSD kernel does not take Firecracker's MP table (1.8 and later): build it with the patch of the freebsd-firecracker project, see docs/firecracker.md",
  },
  { pattern: /Kernel panic - not syncing/, means: "the guest's kernel panicked" },
  { pattern: /^panic: /m, means: "the guest's kernel panicked" },
  { pattern: /Rebooting in \d+ seconds|reboot: Restarting system|Rebooting\.\.\./, means: "the guest rebooted" },
  { pattern: /reboot: System halted|The operating system has halted/, means: "the guest halted" },
];

export class GuestConsole {
  readonly #clock: Clock;
  #text = "";
  #first_at_s: number | undefined;
  #bytes = 0;
  #listeners: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(bytes: Buffer): void {
    this.#first_at_s ??= this.#clock.monotonic_s();
    this.#bytes += bytes.length;
    this.#text = (this.#text + bytes.toString("latin1")).slice(-keptBytes);
    for (const listener of this.#listeners) listener();
  }

  /** When the first byte came, by the clock; undefined before. Seconds. */
  get first_at_s(): number | undefined {
    return this.#first_at_s;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The last bytes, at most 64 KiB. */
  get text(): string {
    return this.#text;
  }

  /** Calls `listener` whenever something was added. */
  onText(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Why the guest ended, by its own words; undefined where it says none.
   * While the VMM runs only whole lines count: what the guest panicked of may still be on its way.
   */
  death(hasEnded: boolean): string | undefined {
    const text = hasEnded ? this.#text : this.#text.slice(0, this.#text.lastIndexOf("\n") + 1);
    return deaths.find(({ pattern }) => pattern.test(text))?.means;
  }

  /** The last lines for an error message, or those from a panic's line on; "" where the guest said nothing. */
  lastLines(count: number = 5): string {
    const lines = this.#text
      .split(/\r?\n/)
      .map((line) => printable(line).trimEnd().slice(0, 200))
      .filter((line) => line !== "");
    const panic = lines.findIndex((line) => panicLine.test(line));
    const from = Math.max(0, lines.length - count);
    return lines
      .slice(panic === -1 ? from : Math.min(panic, from))
      .slice(0, count)
      .join(" | ");
  }
}

/**
 * Seconds from InstanceStart until the guest wrote to the boot timer, as Firecracker's log says it; undefined where it did not.
 * The log's form: `Guest-boot-time =  13006 us 13 ms,   3532 CPU us 3 CPU ms`.
 */
export function guestBootTime_s(log: string): number | undefined {
  const us = /Guest-boot-time\s*=\s*(\d+) us/.exec(log)?.[1];
  return us === undefined ? undefined : Number(us) / 1e6;
}
