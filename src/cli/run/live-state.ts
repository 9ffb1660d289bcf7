// The state that the live view draws: what each machine does, how many trials are done, how long the rest may take, and
// the table so far. It draws nothing.

import { mayRunOs } from "../../domain/cost/duration-estimate.ts";
import { type Plan, rowsForOs } from "../../domain/plan/plan.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { TrialRecord } from "../../domain/run/trial-record.ts";
import { type ComparisonAxis, pivotRun } from "../../pipeline/compare/pivot-by-command.ts";
import { LiveTable } from "../../report/table/live-table.ts";
import { againText } from "./progress-lines.ts";

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
  /** By machine: its side, and its `uname -s` once that is known. */
  readonly #met = new Map<string, { readonly side: string; readonly uname?: string }>();
  /** By machine, by row: the number of trials that were skipped. */
  readonly #skipped = new Map<string, Map<string, number>>();
  /** By machine: the number of planned trials that run on it, and of disturbed ones that run once more. */
  readonly #planned = new Map<string, number>();
  readonly #again = new Map<string, number>();
  /** Whether each machine runs a single trial. */
  #fresh = false;
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
        this.#meet(event.machine.name, { side: event.machine.side });
        this.#doing.set(event.machine.name, "ready");
        return false;
      case "machine-setup":
        this.#meet(event.machine.name, { side: event.machine.side, uname: event.uname });
        this.#doing.set(event.machine.name, "set up");
        if (event.machine.address.kind === "local") this.#here.add(event.machine.name);
        return false;
      case "doing":
        this.#doing.set(event.machine, event.text);
        return false;
      case "round":
        this.#firstRoundAt ??= now;
        this.#doing.set(
          event.machine,
          `${event.suite}: ${event.again === undefined ? `round ${event.round} of ${event.of}` : againText(event.again)}`,
        );
        if (event.again !== undefined)
          this.#again.set(event.machine, (this.#again.get(event.machine) ?? 0) + event.again.trials);
        return false;
      case "step-progress": {
        const [doing = ""] = (this.#doing.get(event.machine) ?? "").split(" · ");
        this.#doing.set(event.machine, `${doing} · ${event.text}`);
        return false;
      }
      case "gone":
        for (const name of event.machines) this.#doing.delete(name);
        // Each of the machines that follow runs one trial.
        this.#fresh = true;
        return false;
      case "record":
        if (event.record.status === "skipped") this.#skip(event.record);
        else {
          this.#trials += 1;
          this.#over.set(event.record.machine, (this.#over.get(event.record.machine) ?? 0) + 1);
        }
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
      const [over, planned] = [this.#over.get(name), this.#ofMachine(name)];
      if (over === undefined || planned === 0 || this.#fresh) return `  ${name}  ${doing}`;
      return `  ${name}  ${doing}, ${over} of ${this.#capped ? "at most " : ""}${planned} trials done`;
    });
    const left = this.#timeLeft(now);
    return left === undefined ? lines : [...lines, `  ${left}`];
  }

  #begin(plan: Plan): void {
    this.#plan = plan;
    this.#capped = plan.spec.until !== undefined;
    this.#table = new LiveTable(this.#pivoted(plan, []).plan, this.#axis?.by === "command");
  }

  #meet(machine: string, of: { readonly side: string; readonly uname?: string }): void {
    this.#met.set(machine, { ...this.#met.get(machine), ...of });
    this.#countPlanned(machine);
  }

  #skip({ machine, side, suite, row, impl }: TrialRecord): void {
    const skipped = this.#skipped.get(machine) ?? new Map<string, number>();
    const key = `${suite}/${row}/${impl}`;
    this.#skipped.set(machine, skipped.set(key, (skipped.get(key) ?? 0) + 1));
    this.#meet(machine, { side });
  }

  /** Counts the planned trials of `machine`, without those that are skipped, and rows for other systems than its own. */
  #countPlanned(machine: string): void {
    const { side: of, uname } = this.#met.get(machine) ?? {};
    const side = this.#plan?.spec.sides.find(({ name }) => name === of);
    if (this.#plan === undefined || side === undefined) return;
    const skipped = this.#skipped.get(machine);
    const counts = this.#plan.suites.flatMap((suite) =>
      (uname === undefined ? suite.rows : rowsForOs(suite, uname))
        .filter((row) => row.fresh !== true && row.os.some((os) => mayRunOs(side, os)))
        .map(({ name, impl, runs }) => runs - (skipped?.get(`${suite.name}/${name}/${impl}`) ?? 0)),
    );
    this.#planned.set(
      machine,
      counts.reduce((sum, count) => sum + count, 0),
    );
  }

  /** Returns how many trials `machine` runs in all; 0 where that is not known. */
  #ofMachine(machine: string): number {
    return (this.#planned.get(machine) ?? 0) + (this.#again.get(machine) ?? 0);
  }

  #addToTable(record: TrialRecord): boolean {
    if (this.#plan === undefined) return false;
    let isAdded = false;
    for (const pivoted of this.#pivoted(this.#plan, [record]).records)
      isAdded = this.#table?.add(pivoted) === true || isAdded;
    return isAdded;
  }

  #pivoted(
    plan: Plan,
    records: readonly TrialRecord[],
  ): { readonly plan: Plan; readonly records: Iterable<TrialRecord> } {
    return this.#axis === undefined
      ? { plan, records }
      : pivotRun({ folder: "", plan, records, machines: [] }, this.#axis);
  }

  /** Estimates the time left from the duration of the trials so far. Undefined before a tenth of the trials is over. */
  #timeLeft(now: number): string | undefined {
    const all = this.#fresh ? 0 : [...this.#doing.keys()].reduce((sum, name) => sum + this.#ofMachine(name), 0);
    const tooFew = this.#trials * 10 < all || this.#trials >= all;
    if (this.#capped || this.#firstRoundAt === undefined || all === 0 || tooFew) return undefined;
    const left_s = ((now - this.#firstRoundAt) / 1000 / this.#trials) * (all - this.#trials);
    return left_s < 90 ? `about ${Math.ceil(left_s / 5) * 5} s left` : `about ${Math.ceil(left_s / 60)} min left`;
  }
}
