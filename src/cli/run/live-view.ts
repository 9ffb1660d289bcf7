// The live view on a terminal: what each machine does, the rounds done, the time left; below them the final table as it
// fills.
//
// The view must not slow what it shows. It draws only on a change, at most five times a second, and rewrites only lines
// that differ. While trials are timed on this host it stands still: nothing is drawn between a batch's start
// and end, but for one line where ten seconds passed without an event.

import { joinPrintable, type Printable, printable, terminalControl } from "../../domain/printable.ts";
import type { TerminalStream } from "../output/terminal.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import { truncateToWidth, renderGridFast } from "../../report/table/grid.ts";
import { table } from "../../report/table/terminal-table.ts";
import type { ComparisonAxis } from "../../pipeline/compare/pivot-by-command.ts";
import { LiveState } from "./live-state.ts";
import { progressLine } from "./progress-lines.ts";

const apart_ms = 200;
/**
 * The least time between two drawings of the table. It is the costliest part of the view, and nobody reads it faster.
 */
const tableApart_ms = 2000;

export class LiveView {
  readonly #screen: TerminalStream;
  readonly #still: boolean;
  readonly #now: () => number;
  readonly #state: LiveState;
  #waiting: NodeJS.Timeout | undefined;
  #drawn: readonly Printable[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  /** What was said because nothing had happened for long. */
  #silence: Printable | undefined;
  #tableLines: readonly string[] = [];
  #tableStale = false;
  #tableAt = Number.NEGATIVE_INFINITY;

  /** `still`: trials are timed on this host, so that nothing is drawn except before a batch on it. */
  constructor(
    screen: TerminalStream,
    still: boolean,
    now: () => number = () => performance.now(),
    axis?: ComparisonAxis,
  ) {
    this.#screen = screen;
    this.#still = still;
    this.#now = now;
    this.#state = new LiveState(axis);
  }

  /** Shows `event`: as a change of the view, or as a line above it that stays. */
  observe(event: RunEvent): void {
    if (this.#state.apply(event, this.#now())) this.#tableStale = true;
    this.#silence = undefined;
    switch (event.what) {
      case "round":
        // Draws before the batch, never during it: what follows on this host is timed.
        if (!this.#still) this.#drawSoon();
        else if (this.#state.isHere(event.machine)) this.#draw();
        return;
      case "record":
        if (progressLine(event) !== undefined) this.say(progressLine(event));
        if (!this.#still) this.#drawSoon();
        return;
      // A call to the machine has just ended, at most one in 20 s: a line costs nothing beside it.
      case "step-progress":
      case "machine-ready":
      case "doing":
      case "gone":
        this.#drawSoon();
        return;
      case "released":
        this.clear();
        return;
      default:
        this.say(progressLine(event));
        return;
    }
  }

  /** Shows `line` below the machines, until the next event. */
  showSilence(line: Printable): void {
    this.#silence = line;
    this.#draw();
  }

  /** Prints a line above the view. The line stays. */
  say(line: Printable | undefined): void {
    if (line === undefined) return;
    this.clear();
    this.#screen.write(joinPrintable([line, terminalControl("\n")]));
    this.#draw();
  }

  /** Removes the view from the screen. Later lines take its place. */
  clear(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    if (this.#drawn.length > 0) this.#screen.write(terminalControl(`\u001b[${this.#drawn.length}A\u001b[J`));
    this.#drawn = [];
  }

  /** Draws now, or when the last drawing is 200 ms old. */
  #drawSoon(): void {
    const wait_ms = this.#drawnAt + apart_ms - this.#now();
    if (wait_ms <= 0 || this.#still) this.#draw();
    else this.#drawIn(wait_ms);
  }

  #drawIn(wait_ms: number): void {
    this.#waiting ??= setTimeout(() => this.#draw(), wait_ms).unref();
  }

  #draw(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    const lines = this.#lines();
    // A timer draws a table that changed too soon after the last drawing: the next event may be minutes away.
    if (this.#tableStale && !this.#still) this.#drawIn(this.#tableAt + tableApart_ms - this.#now());
    const before = this.#drawn;
    if (lines.length === before.length && lines.every((line, i) => line === before[i])) return;
    if (lines.length < before.length) this.clear();
    const up = this.#drawn.length > 0 ? [terminalControl(`\u001b[${this.#drawn.length}A`)] : [];
    const next = terminalControl("\n");
    const rewritten = lines.flatMap((line, i) =>
      line === this.#drawn[i] ? [next] : [terminalControl("\r"), line, terminalControl("\u001b[K"), next],
    );
    this.#screen.write(joinPrintable([...up, ...rewritten]));
    this.#drawn = lines;
    this.#drawnAt = this.#now();
  }

  #lines(): Printable[] {
    // A terminal that reports no size is drawn to as if it were a small one.
    const width = (this.#screen.columns || 80) - 1;
    const most = Math.max(1, (this.#screen.rows || 24) - 2);
    const above = [
      ...this.#state.machineLines(this.#now()),
      ...(this.#silence === undefined ? [] : [`  ${this.#silence}`]),
    ];
    const below = this.#tableSoFar(width);
    // Machines, of which there may be fifty, leave room for the table.
    const shown = cut(above, Math.max(most - below.length, Math.ceil(most / 3)));
    return [...shown, ...(below.length === 0 ? [] : cut(below, most - shown.length))].map((line) =>
      printable(truncateToWidth(line, width)),
    );
  }

  /** Returns the lines of the table so far; none before it holds a number. */
  #tableSoFar(width: number): readonly string[] {
    const { table: soFar } = this.#state;
    if (!this.#tableStale || soFar === undefined || this.#now() - this.#tableAt < tableApart_ms)
      return this.#tableLines;
    this.#tableLines = table(soFar.view(), width, renderGridFast).trimEnd().split("\n");
    this.#tableAt = this.#now();
    this.#tableStale = false;
    return this.#tableLines;
  }
}

/** Returns at most `most` of `lines`. The last line counts those that are cut. */
function cut(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `  +${lines.length - most + 1} more`];
}
