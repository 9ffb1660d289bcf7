// Reads the journal of a batch, and holds the lines of its trials so far.
//
// A batch may break off: its machine is lost, or the budget or the user ends the run. Trials that ended before were
// measured all the same: their lines are whole, and follow the line with the boot id at the batch's start. The batch's
// own end line is missing then, by which short trials are judged. They are judged by the sums over its trials instead.

import type { Trial } from "../../domain/run/run-log.ts";
import type { EndedLine, EndLine, JournalLine } from "../../domain/run/machine-journal.ts";
import type { Interference } from "../../domain/run/taint.ts";
import { trialId } from "./batch-text.ts";

/** A batch by its name, and the clock just after it. */
export interface BatchAround {
  readonly batch?: string | undefined;
  readonly clock_hz_after?: number | undefined;
}

export class BatchReader {
  readonly #sent: ReadonlyMap<string, Trial>;
  readonly #ended = new Map<string, EndedLine>();
  readonly #begunAt = new Map<string, string>();
  readonly #bootIds = new Set<string>();
  /** By trial id: the longest that the trial can have taken, by this client's clocks. Seconds. */
  readonly #seen_s = new Map<string, number>();
  #earlier_s = 0;
  #batch: string | undefined;
  #end: EndLine | undefined;

  constructor(trials: readonly Trial[]) {
    this.#sent = new Map(trials.map((trial) => [trialId(trial), trial]));
  }

  /**
   * Takes the next line. Returns the trial that the line ends, or undefined. `elapsed_s`: seconds since this client
   * sent the batch; undefined where an earlier client did.
   */
  take(line: JournalLine, elapsed_s?: number): { readonly trial: Trial; readonly ended: EndedLine } | undefined {
    if (line.t === "start" || line.t === "end") this.#bootIds.add(line.boot_id);
    if (line.t === "start") this.#batch = line.batch;
    if (line.t === "end") this.#end = line;
    if (line.t === "begun") this.#begunAt.set(line.id, line.at);
    if (line.t !== "ended") return undefined;
    const trial = this.#sent.get(line.id);
    // The journal repeats attempts that an earlier client sent.
    if (trial === undefined || trial.attempt !== line.attempt || this.#ended.has(line.id)) return undefined;
    this.#ended.set(line.id, line);
    if (elapsed_s !== undefined) {
      // Trials of a batch run one after another: the time of earlier ones is not part of this one's.
      const left_s = Math.max(0, elapsed_s - this.#earlier_s);
      this.#seen_s.set(line.id, left_s);
      if (line.status === "completed") this.#earlier_s += Math.min(line.real_s ?? 0, left_s);
    }
    return { trial, ended: line };
  }

  ended(trial: Trial): EndedLine | undefined {
    return this.#ended.get(trialId(trial));
  }

  /** Returns the longest that `trial` can have taken. Seconds; undefined where this client did not send it. */
  seen_s(trial: Trial): number | undefined {
    return this.#seen_s.get(trialId(trial));
  }

  begunAt(trial: Trial): string | undefined {
    return this.#begunAt.get(trialId(trial));
  }

  /** Whether the machine rebooted during the batch. */
  get rebooted(): boolean {
    return this.#bootIds.size > 1;
  }

  /** Returns what each trial took beside its timed step; undefined where the batch did not say how long it took. Seconds. */
  get besideTrial_s(): number | undefined {
    const lines = [...this.#ended.values()];
    const isWhole = lines.length === this.#sent.size && lines.every(({ status }) => status === "completed");
    if (this.#end?.real_s === undefined || !isWhole || this.rebooted) return undefined;
    const timed_s = lines.reduce((sum, line) => sum + ("real_s" in line ? (line.real_s ?? 0) : 0), 0);
    return Math.max(0, this.#end.real_s - timed_s) / lines.length;
  }

  /** Interference over the batch; without its end line, the sum over its trials. */
  get watched(): Interference & BatchAround {
    if (this.#end !== undefined) return this.#end;
    const lines = [...this.#ended.values()];
    const sum = (field: "real_s" | "steal_s" | "others_cpu_s"): number =>
      lines.reduce((total, line) => total + ("real_s" in line ? (line[field] ?? 0) : 0), 0);
    const about = this.#batch === undefined ? {} : { batch: this.#batch };
    return { ...about, real_s: sum("real_s"), steal_s: sum("steal_s"), others_cpu_s: sum("others_cpu_s") };
  }
}
