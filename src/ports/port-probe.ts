// Whether a port answers, asked so often that the moment of its change is known.

/** A port, and how it is asked. */
export interface ProbeTarget {
  /** An IP address, never a name: looking one up would be part of the time. */
  readonly address: string;
  readonly port: number;
  /** A new attempt is made so often, whether or not the last one has ended. Seconds. */
  readonly every_s: number;
  /** How long an attempt may take. Seconds. */
  readonly life_s: number;
  /** When to give up, by the clock that the probe was given. Seconds. */
  readonly until_s: number;
}

/** When a port was seen closed, and when open. Seconds, by the probe's clock. */
export interface ProbeResult {
  /** When the first attempt was refused: by the clock, seconds; absent where none was. */
  readonly closed_at_s?: number;
  /** When the first attempt was taken. */
  readonly open_at_s?: number;
  /** Which attempt that was, from 1: those before it were refused, or still under way, or came to nothing. */
  readonly open_attempt?: number;
  /** Attempts by what became of them: `open`, `closed`, `silent`, else the error's code. Those under way at the end are in none. */
  readonly answers: Readonly<Record<string, number>>;
  /** The shortest of a few connections to the open port. Seconds. */
  readonly rtt_s?: number;
}

/** Asks whether a port is open, often enough to know the moment of its change. */
export interface PortProbe {
  /** Readies the machinery, so that the first attempt is no slower than the others. */
  warm(): Promise<void>;
  /** Probes until the port is open, or it is time to give up. @throws the signal's reason */
  watch(target: ProbeTarget, signal: AbortSignal, onClosed: (at_s: number) => void): Promise<ProbeResult>;
  /** CPU time of this process so far. Seconds. */
  cpu_s(): number;
  /** Begins to measure how late the event loop is; what is answered ends that, and says the longest. Seconds, the meter's own resolution included. */
  delays(): () => number;
}
