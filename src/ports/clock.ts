// Time, as the pipeline may ask for it; a fake one in tests makes minutes pass at once.

/** Time, as a run asks for it. */
export interface Clock {
  /** Milliseconds since the epoch, for stamps. */
  now(): Date;
  /** Seconds on a clock that only goes forward. */
  monotonic_s(): number;
  /** Waits `duration_s` seconds, or until `signal` aborts: then rejects with the signal's reason. */
  sleep(duration_s: number, signal?: AbortSignal): Promise<void>;
}
