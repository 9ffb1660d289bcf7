// The port that reads the time and waits. Tests pass a clock that waits for nothing.

/** The clocks of a run. */
export interface Clock {
  /** Returns the date and time, for timestamps. */
  now(): Date;
  /** Returns the seconds of a clock that never goes back. Its zero has no meaning. */
  monotonic_s(): number;
  /** Waits `duration_s` seconds, or until `signal` aborts: then rejects with the signal's reason. */
  sleep(duration_s: number, signal?: AbortSignal): Promise<void>;
}
