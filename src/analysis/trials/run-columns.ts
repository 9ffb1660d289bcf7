// What the runs of one machine say, whether or not they count, by column: to plot many of them makes no object of any.

import type { JudgedRecords } from "../comparison/kept-records.ts";
import { clocksAround } from "./counted-runs.ts";

/** Runs of one row on one machine, in their order. Each column has an entry for each of them. */
export interface RunColumns {
  readonly rounds: Float64Array;
  /** When each began, in milliseconds since 1970; NaN where the machine did not report it. */
  readonly starts_ms: Float64Array;
  /** Seconds; NaN where a run has no time. Set where it completed, whether or not it counts. */
  readonly real_s: Float64Array;
  /** user + system. Seconds; NaN where a run has no time. */
  readonly cpu_s: Float64Array;
  /** The clock around each run's batch: the mean of before and after. Hz; NaN where it was not measured. */
  readonly clock_hz: Float64Array;
  /** Why each does not count: `warm-up`, or a word of `Reasons`; null where it counts. */
  readonly left_out: readonly (string | null)[];
}

/** Returns of every `oneOf` of `trials` the first. `warmup`: how many of all of them are warm-up. */
export function runColumns(records: JudgedRecords, trials: Uint32Array, warmup: number, oneOf: number): RunColumns {
  const places = oneOf === 1 ? trials : new Uint32Array(Math.ceil(trials.length / oneOf));
  if (oneOf > 1) for (let k = 0; k < places.length; k++) places[k] = trials[k * oneOf] as number;
  const { startedAt } = records.columns;
  const starts_ms = new Float64Array(places.length);
  const left_out: (string | null)[] = [];
  for (let k = 0; k < places.length; k++) {
    const i = places[k] as number;
    starts_ms[k] = startedAt.milliseconds(i);
    left_out.push(k * oneOf < warmup ? "warm-up" : records.reason(i));
  }
  return {
    rounds: records.numbers("round", places),
    starts_ms,
    real_s: records.times(places, "real"),
    cpu_s: records.times(places, "cpu"),
    clock_hz: clocksAround(records.clocks("clock_hz_before", places), records.clocks("clock_hz_after", places)),
    left_out,
  };
}
