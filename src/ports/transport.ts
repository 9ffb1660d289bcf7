// The port that runs scripts on a machine. Shipping, framing and following are built on it, and are the same for all
// transports.

import type { Address } from "../domain/run/machine.ts";

/** Limits of one script on a machine. */
export interface ExecOptions {
  /** Time limit: a script that takes longer is ended. Seconds. */
  readonly limit_s: number;
  /** When it will probably be done; the machine is not asked before. Seconds from now. */
  readonly expect_s?: number;
  readonly signal?: AbortSignal;
}

/** What a script left: its status, and the head of what it printed. */
export interface ExecResult {
  /** 0 where the script succeeded. Other values have no meaning. */
  readonly status: number;
  /** The head of its standard output, at most 24,000 bytes. */
  readonly stdout: string;
  /** The head of its standard error, at most 8,000 bytes. */
  readonly stderr: string;
}

/**
 * Runs scripts in POSIX sh on machines. A script may run twice (a reply is lost, an agent restarts), so that scripts must be
 * safe to repeat.
 *
 * @throws TimetrialError TRANSPORT where the machine cannot be reached or does not reply within the limit, MACHINE_LOST where
 * it is known to be gone.
 */
export interface Transport {
  exec(address: Address, script: string, options: ExecOptions): Promise<ExecResult>;
  /** Checks without reaching it whether the machine still lives. @throws TimetrialError MACHINE_LOST where it does not */
  look?(address: Address): Promise<void>;
  /** What the machine last printed on its console, for an error message; "" where nothing is known. */
  lastWords?(address: Address): Promise<string>;
}
