// The port that probes a TCP port often enough to know the moment of its change.

/** A TCP port, and how to probe it. */
export interface ProbeTarget {
  /** An IP address, never a name: a look-up would be part of the time. */
  readonly address: string;
  readonly port: number;
  /** Interval between attempts, in seconds. The next attempt begins whether or not the last has ended. */
  readonly every_s: number;
  /** Time limit of an attempt. Seconds. */
  readonly life_s: number;
  /** When the probe gives up. Seconds, by the probe's clock. */
  readonly until_s: number;
}

/** When a port was seen closed, and when open. Seconds, by the probe's clock. */
export interface ProbeResult {
  /** When the first attempt was refused; absent where none was. */
  readonly closed_at_s?: number;
  /** When the first attempt was accepted; absent where none was. */
  readonly open_at_s?: number;
  /** Number of that attempt, from 1. Earlier ones were refused, under way or without a reply. */
  readonly open_attempt?: number;
  /**
   * Attempts by outcome: `open`, `closed`, `silent`, or the error's code. Attempts under way at the end are not
   * counted.
   */
  readonly answers: Readonly<Record<string, number>>;
  /** Time of the fastest of a few connections to the open port. Seconds. */
  readonly rtt_s?: number;
}

/** Probes a port often enough to know the moment of its change. */
export interface PortProbe {
  /** Loads what a probe needs, so that the first attempt is no slower than the others. */
  warm(): Promise<void>;
  /**
   * Probes until the port is open or `until_s` is reached; calls `onClosed` at the first refusal.
   *
   * @throws the signal's reason
   */
  watch(target: ProbeTarget, signal: AbortSignal, onClosed: (at_s: number) => void): Promise<ProbeResult>;
  /** Returns the CPU time of this process so far. Seconds. */
  cpu_s(): number;
  /**
   * Measures the delays of the event loop from now on. The returned function stops, and returns the longest delay in
   * seconds.
   */
  delays(): () => number;
}
