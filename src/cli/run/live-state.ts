// The state that the live view draws: what each machine does, how many trials are over, how long the rest may take, and
// the table so far. It draws nothing.

import type { Plan } from "../../domain/plan/plan.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { type ComparisonAxis, pivotRun } from "../../pipeline/compare/pivot-by-command.ts";
import { LiveTable } from "../../report/table/live-table.ts";

export class LiveState {
  readonly #axis: ComparisonAxis | undefined;
  /** What each machine does, by its name. */
  readonly #doing = new Map<string, string>();
  /** Machines that run on this host. */
  readonly #here = new Set<string>();
  /** The number of trials that are over, by machine. */
  readonly #over = new Map<string, number>();
  #trials = 0;
  #firstRoundAt: number | undefined;
  #trialsPerMachine = 0;
  /** Whether the number of rounds is a cap. */
  #capped = false;
  #plan: Plan | undefined;
  #table: LiveTable | undefined;

  /** `axis`: what the table compares; absent: the sides. */
  constructor(axis: ComparisonAxis | undefined) {
    this.#axis = axis;
  }

  get table(): LiveTable | undefined {
    return this.#table;
  }

  /** Applies `event`; returns whether it changed the table. `now` in milliseconds. */
  apply(event: RunEvent, now: number): boolean {
    switch (event.what) {
      case "planned":
        this.#begin(event.plan);
        return false;
      case "machine-ready":
        this.#doing.set(event.machine.name, "ready");
        return false;
      case "machine-setup":
        this.#doing.set(event.machine.name, "set up");
        if (event.machine.address.kind === "local") this.#here.add(event.machine.name);
        return false;
      case "round":
        this.#firstRoundAt ??= now;
        this.#doing.set(event.machine, `${event.suite}: round ${event.round} of ${event.of}`);
        return false;
      case "step-progress": {
        const [doing = ""] = (this.#doing.get(event.machine) ?? "").split(" · ");
        this.#doing.set(event.machine, `${doing} · ${event.text}`);
        return false;
      }
      case "gone":
        for (const name of event.machines) this.#doing.delete(name);
        // Each of the machines that follow runs one trial.
        this.#trialsPerMachine = 0;
        return false;
      case "record":
        this.#trials += 1;
        this.#over.set(event.record.machine, (this.#over.get(event.record.machine) ?? 0) + 1);
        return this.#addToTable(event.record);
      default:
        return false;
    }
  }

  /**
   * Returns whether trials of `machine` are timed on this host. Before a machine is set up, those of every machine may
   * be.
   */
  isHere(machine: string): boolean {
    return this.#here.size === 0 || this.#here.has(machine);
  }

  /** Returns a line for each machine, and the time left where it is known. `now` in milliseconds. */
  machineLines(now: number): string[] {
    const lines = [...this.#doing].map(([name, doing]) => {
      const over = this.#over.get(name);
      if (over === undefined || this.#trialsPerMachine === 0) return `  ${name}  ${doing}`;
      return `  ${name}  ${doing}, ${over} of ${this.#capped ? "at most " : ""}${this.#trialsPerMachine} trials over`;
    });
    const left = this.#timeLeft(now);
    return left === undefined ? lines : [...lines, `  ${left}`];
  }

  #begin(plan: Plan): void {
    this.#plan = plan;
    this.#capped = plan.spec.until !== undefined;
    this.#trialsPerMachine = plan.suites
      .flatMap(({ rows }) => rows)
      .reduce((sum, row) => sum + (row.fresh === true ? 0 : row.runs), 0);
    this.#table = new LiveTable(this.#pivoted(plan, []).plan, this.#axis?.by === "command");
  }

  #addToTable(record: TrialRecord): boolean {
    if (this.#plan === undefined) return false;
    const added = this.#pivoted(this.#plan, [record]).records.map((record) => this.#table?.add(record) === true);
    return added.includes(true);
  }

  #pivoted(
    plan: Plan,
    records: readonly TrialRecord[],
  ): { readonly plan: Plan; readonly records: readonly TrialRecord[] } {
    return this.#axis === undefined
      ? { plan, records }
      : pivotRun({ folder: "", plan, records, machines: [] }, this.#axis);
  }

  /** Estimates the time left from the duration of the trials so far. Undefined before a tenth of the trials is over. */
  #timeLeft(now: number): string | undefined {
    const all = this.#trialsPerMachine * this.#doing.size;
    const tooFew = this.#trials * 10 < all || this.#trials >= all;
    if (this.#capped || this.#firstRoundAt === undefined || all === 0 || tooFew) return undefined;
    const left_s = ((now - this.#firstRoundAt) / 1000 / this.#trials) * (all - this.#trials);
    return left_s < 90 ? `about ${Math.ceil(left_s / 5) * 5} s left` : `about ${Math.ceil(left_s / 60)} min left`;
  }
}
