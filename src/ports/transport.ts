// How a machine is spoken to: one verb, and two for those that others know of. Everything above it (shipping, framing, following) is the same for all.

import type { Address } from "../domain/run/machine.ts";

/** Limits of one script on a machine. */
export interface ExecOptions {
  /** The script is ended when it takes longer. Seconds. */
  readonly limit_s: number;
  /** When it will probably be done: nothing is asked before. Seconds from now. */
  readonly expect_s?: number;
  readonly signal?: AbortSignal;
}

/** What a script left: its status, and the head of what it printed. */
export interface ExecResult {
  /** 0 where the script ended well. No other value has a meaning. */
  readonly status: number;
  /** The head of what it printed, at most 24,000 bytes. */
  readonly stdout: string;
  /** The head of what it complained of, at most 8,000 bytes. */
  readonly stderr: string;
}

/**
 * Runs `script`, POSIX sh, on a machine. A script may run twice (a lost answer, an agent restarted): scripts are safe to repeat.
 *
 * Throws TimetrialError: TRANSPORT where the machine could not be asked or did not answer within its limit,
 * MACHINE_LOST where it is known to be gone.
 */
export interface Transport {
  exec(address: Address, script: string, options: ExecOptions): Promise<ExecResult>;
  /** Looks whether the machine still lives, without asking it; throws MACHINE_LOST where it does not. Absent where none can say. */
  look?(address: Address): Promise<void>;
  /** What the machine said last where it needs nobody to be heard, to go on an error message; "" where nothing is known. */
  lastWords?(address: Address): Promise<string>;
}
