// The live view on a terminal: what each machine does, the rounds done, the time left; below it the final table, filling.
//
// It must not cost what it watches. It draws only on a change, at most five times a second, rewrites only lines that
// differ, and stands still while trials are timed on this host: no timer, nothing drawn between a batch's start and end.

import type { RunEvent } from "../../domain/run/events.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { LiveTable } from "../../report/table/live-table.ts";
import { truncateToWidth, renderGridFast } from "../../report/table/grid.ts";
import { table } from "../../report/table/terminal-table.ts";
import { pivotRun, type ComparisonAxis } from "../output/pivot-by-command.ts";
import { progressLine } from "./progress-lines.ts";

/** The part of a terminal that is used. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

const apart_ms = 200;
/** The table is the dearest part of the view, and nobody reads it faster. */
const tableApart_ms = 2000;

export class LiveView {
  readonly #screen: TerminalStream;
  readonly #still: boolean;
  readonly #now: () => number;
  /** Machines that are this host itself. */
  readonly #here = new Set<string>();
  #waiting: NodeJS.Timeout | undefined;
  readonly #machines = new Map<string, string>();
  /** By machine: trials that are over. */
  readonly #over = new Map<string, number>();
  #trials = 0;
  #began: number | undefined;
  #drawn: readonly string[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  #perMachine = 0;
  /** Whether the number of rounds is a cap. */
  #capped = false;
  #plan: Plan | undefined;
  readonly #way: ComparisonAxis | undefined;
  #table: LiveTable | undefined;
  #tableLines: readonly string[] = [];
  #tableStale = false;
  #tableAt = Number.NEGATIVE_INFINITY;

  /** `still`: trials are timed on this host, so that nothing is drawn but before a batch on it. */
  constructor(
    screen: TerminalStream,
    still: boolean,
    now: () => number = () => performance.now(),
    way?: ComparisonAxis,
  ) {
    this.#screen = screen;
    this.#still = still;
    this.#now = now;
    this.#way = way;
  }

  /** What happened becomes a change of the view, or a line above it that stays. */
  observe(event: RunEvent): void {
    switch (event.what) {
      case "planned":
        this.#perMachine = event.plan.suites.reduce(
          (sum, suite) => sum + suite.rows.reduce((runs, row) => runs + (row.fresh === true ? 0 : row.runs), 0),
          0,
        );
        this.#capped = event.plan.spec.until !== undefined;
        this.#plan = event.plan;
        this.#table = new LiveTable(this.#turned(event.plan, []).plan);
        this.say(progressLine(event));
        return;
      case "machine-ready":
        this.#machines.set(event.machine.name, "ready");
        break;
      case "machine-setup":
        this.#machines.set(event.machine.name, "set up");
        if (event.machine.address.kind === "local") this.#here.add(event.machine.name);
        this.say(progressLine(event));
        return;
      case "round":
        this.#began ??= this.#now();
        this.#machines.set(event.machine, `${event.suite}: round ${event.round} of ${event.of}`);
        // Before the batch, never in it: what follows on this host is timed.
        if (!this.#still) break;
        if (this.#here.size === 0 || this.#here.has(event.machine)) this.#draw();
        return;
      case "step-progress": {
        // A call to the machine has just ended, one in 20 s at most: beside it a line costs nothing.
        const [doing = ""] = (this.#machines.get(event.machine) ?? "").split(" · ");
        this.#machines.set(event.machine, `${doing} · ${event.text}`);
        break;
      }
      case "gone":
        for (const name of event.machines) this.#machines.delete(name);
        // What comes now are machines of one trial each.
        this.#perMachine = 0;
        break;
      case "record":
        this.#trials += 1;
        this.#over.set(event.record.machine, (this.#over.get(event.record.machine) ?? 0) + 1);
        this.#fill(event.record);
        if (progressLine(event) !== undefined) this.say(progressLine(event));
        if (this.#still) return;
        break;
      case "released":
        this.clear();
        return;
      default:
        this.say(progressLine(event));
        return;
    }
    this.#drawSoon();
  }

  /** A line that stays, above the view. */
  say(line: string | undefined): void {
    if (line === undefined) return;
    this.clear();
    this.#screen.write(`${line}\n`);
    this.#draw();
  }

  /** Takes the view off the screen; what is said after it stands in its place. */
  clear(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    if (this.#drawn.length > 0) this.#screen.write(`\x1b[${this.#drawn.length}A\x1b[J`);
    this.#drawn = [];
  }

  /** Now, or when it is time again. */
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
    // What came too soon after the last table is not left to the next event, which may be minutes away.
    if (this.#tableStale && !this.#still) this.#drawIn(this.#tableAt + tableApart_ms - this.#now());
    const before = this.#drawn;
    if (lines.length === before.length && lines.every((line, i) => line === before[i])) return;
    if (lines.length < before.length) this.clear();
    const up = this.#drawn.length > 0 ? `\x1b[${this.#drawn.length}A` : "";
    const rewritten = lines.map((line, i) => (line === this.#drawn[i] ? "\n" : `\r${line}\x1b[K\n`));
    this.#screen.write(up + rewritten.join(""));
    this.#drawn = lines;
    this.#drawnAt = this.#now();
  }

  #lines(): string[] {
    // Without a size the terminal tells none: as small as there are.
    const width = (this.#screen.columns || 80) - 1;
    const most = Math.max(1, (this.#screen.rows || 24) - 2);
    const machines = [...this.#machines].map(([name, text]) => {
      const over = this.#over.get(name);
      return `  ${name}  ${text}${over === undefined || this.#perMachine === 0 ? "" : `, ${over} of ${this.#capped ? "at most " : ""}${this.#perMachine} trials over`}`;
    });
    const left = this.#left();
    const above = left === undefined ? machines : [...machines, `  ${left}`];
    const below = this.#filling(width);
    // Machines, of which there may be fifty, leave room for what they are there for.
    const shown = cut(above, Math.max(most - below.length, Math.ceil(most / 3)));
    return [...shown, ...(below.length === 0 ? [] : cut(below, most - shown.length))].map((line) =>
      truncateToWidth(line, width),
    );
  }

  #turned(
    plan: Plan,
    records: readonly TrialRecord[],
  ): { readonly plan: Plan; readonly records: readonly TrialRecord[] } {
    return this.#way === undefined
      ? { plan, records }
      : pivotRun({ folder: "", plan, records, machines: [] }, this.#way);
  }

  #fill(record: TrialRecord): void {
    if (this.#plan === undefined) return;
    for (const one of this.#turned(this.#plan, [record]).records)
      if (this.#table?.add(one) === true) this.#tableStale = true;
  }

  /** The table so far; nothing before there is a number in it. */
  #filling(width: number): readonly string[] {
    if (!this.#tableStale || this.#table === undefined || this.#now() - this.#tableAt < tableApart_ms)
      return this.#tableLines;
    this.#tableLines = table(this.#table.view(), width, renderGridFast).trimEnd().split("\n");
    this.#tableAt = this.#now();
    this.#tableStale = false;
    return this.#tableLines;
  }

  /** From what the trials so far took: no claim before a tenth of them is over. */
  #left(): string | undefined {
    const whole = this.#perMachine * this.#machines.size;
    if (this.#capped || this.#began === undefined || whole === 0 || this.#trials * 10 < whole || this.#trials >= whole)
      return undefined;
    const left_s = ((this.#now() - this.#began) / 1000 / this.#trials) * (whole - this.#trials);
    return left_s < 90 ? `about ${Math.ceil(left_s / 5) * 5} s left` : `about ${Math.ceil(left_s / 60)} min left`;
  }
}

/** At most `most` of `lines`; the rest is counted. */
function cut(lines: readonly string[], most: number): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `  +${lines.length - most + 1} more`];
}
