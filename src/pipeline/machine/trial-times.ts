// How long trials took on a machine, and from that how long others will.

import type { EndedLine } from "../../domain/run/machine-journal.ts";
import type { Trial } from "../../domain/run/run-log.ts";
import { trialId } from "../agent/batch-text.ts";

/** About how long a trial takes beside its timed step, where that was not seen yet. Seconds. */
const overhead_s = 0.02;
/** The most that is expected of it: a first preparation may fetch what later ones have, and to ask late costs time. Seconds. */
const mostBeside_s = 1;

export class TrialTimes {
  /** By trial id with round 0: the last time of that row. Seconds. */
  readonly #last_s = new Map<string, number>();
  /** By suite: what a trial takes beside its timed step, preparation and check included, as it was last seen. Seconds. */
  readonly #beside_s = new Map<string, number>();

  /** Takes note of how `trial` ended. */
  take(trial: Trial, ended: EndedLine): void {
    if (ended.status === "completed" && ended.real_s !== undefined && ended.real_s <= trial.limit_s)
      this.#last_s.set(kindOf(trial), ended.real_s);
    if (ended.status === "skipped") this.#last_s.set(kindOf(trial), 0);
  }

  /** Takes note of what each trial of a batch of `suite` took beside its timed step; undefined where that is unknown. */
  takeBeside(suite: string, beside_s: number | undefined): void {
    if (beside_s !== undefined) this.#beside_s.set(suite, Math.min(mostBeside_s, beside_s));
  }

  /** Returns how long `trials` will take; undefined unless the row of each has run here before. Seconds. */
  expected_s(trials: readonly Trial[]): number | undefined {
    let sum_s = 0;
    for (const trial of trials) {
      const last_s = this.#last_s.get(kindOf(trial));
      if (last_s === undefined) return undefined;
      sum_s += last_s + (this.#beside_s.get(trial.suite) ?? overhead_s);
    }
    return sum_s;
  }
}

function kindOf(trial: Trial): string {
  return trialId({ ...trial, round: 0 });
}
