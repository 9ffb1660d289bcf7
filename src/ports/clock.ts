// The port that tells the time. Tests give one whose minutes pass at once.

/** Time, as a run asks for it. */
export interface Clock {
  /** The date and time, for stamps. */
  now(): Date;
  /** Seconds on a clock that never goes back. Its zero means nothing. */
  monotonic_s(): number;
  /** Waits `duration_s` seconds, or until `signal` aborts: then rejects with the signal's reason. */
  sleep(duration_s: number, signal?: AbortSignal): Promise<void>;
}
