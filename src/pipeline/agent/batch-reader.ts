// What a batch's journal has told so far, of the trials that were sent in it.
//
// A batch may break off: its machine is lost, the budget or the user ends the run. What had ended by then was measured
// all the same: its lines came whole, after the line that says in which boot the batch began. What is missing is the
// batch's own end, by which short trials are judged; they are judged then by all that was watched while they ran.

import type { Trial } from "../../domain/run/run-log.ts";
import type { EndedLine, EndLine, JournalLine } from "../../domain/run/machine-journal.ts";
import type { Interference } from "../../domain/run/taint.ts";
import { trialId } from "./batch-text.ts";

export class BatchReader {
  readonly #sent: ReadonlyMap<string, Trial>;
  readonly #ended = new Map<string, EndedLine>();
  readonly #begunAt = new Map<string, string>();
  readonly #bootIds = new Set<string>();
  /** By trial id: the most that can have passed while it ran, by our clocks. Seconds. */
  readonly #seen_s = new Map<string, number>();
  #told_s = 0;
  #end: EndLine | undefined;

  constructor(trials: readonly Trial[]) {
    this.#sent = new Map(trials.map((trial) => [trialId(trial), trial]));
  }

  /**
   * Takes the next line. Returns the trial that it ends, if it does. `elapsed_s`: seconds since the batch was sent, where
   * this client sent it.
   */
  take(line: JournalLine, elapsed_s?: number): { readonly trial: Trial; readonly ended: EndedLine } | undefined {
    if (line.t === "start" || line.t === "end") this.#bootIds.add(line.boot_id);
    if (line.t === "end") this.#end = line;
    if (line.t === "begun") this.#begunAt.set(line.id, line.at);
    if (line.t !== "ended") return undefined;
    const trial = this.#sent.get(line.id);
    // The attempts that an earlier client sent are told again.
    if (trial === undefined || trial.attempt !== line.attempt || this.#ended.has(line.id)) return undefined;
    this.#ended.set(line.id, line);
    if (elapsed_s !== undefined) {
      // Trials of a batch run one after another: what earlier ones took, this one did not.
      const left_s = Math.max(0, elapsed_s - this.#told_s);
      this.#seen_s.set(line.id, left_s);
      if (line.status === "completed") this.#told_s += Math.min(line.real_s ?? 0, left_s);
    }
    return { trial, ended: line };
  }

  ended(trial: Trial): EndedLine | undefined {
    return this.#ended.get(trialId(trial));
  }

  /** The most that can have passed while `trial` ran. Seconds; undefined where this client did not send it. */
  seen_s(trial: Trial): number | undefined {
    return this.#seen_s.get(trialId(trial));
  }

  begunAt(trial: Trial): string | undefined {
    return this.#begunAt.get(trialId(trial));
  }

  /** Whether the machine was started again in the midst of it. */
  get rebooted(): boolean {
    return this.#bootIds.size > 1;
  }

  /** What was watched over the batch; where its end was not heard, while its trials ran. */
  get watched(): Interference {
    if (this.#end !== undefined) return this.#end;
    const lines = [...this.#ended.values()];
    const sum = (field: "real_s" | "steal_s" | "others_cpu_s"): number =>
      lines.reduce((total, line) => total + ("real_s" in line ? (line[field] ?? 0) : 0), 0);
    return { real_s: sum("real_s"), steal_s: sum("steal_s"), others_cpu_s: sum("others_cpu_s") };
  }
}
