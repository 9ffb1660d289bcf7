// The port that runs scripts on a machine. Uploads, reply frames and the polling of batches are built on it. They are
// the same for all transports.

import type { Address } from "../domain/run/machine.ts";

/** Limits of one script on a machine. */
export interface ExecOptions {
  /** Time limit: a script that takes longer is terminated. Seconds. */
  readonly limit_s: number;
  /** When the script will probably be done; the machine is not polled before. Seconds from now. */
  readonly expect_s?: number;
  readonly signal?: AbortSignal;
}

/** The result of a script: its status, and the head of its output. */
export interface ExecResult {
  /** 0 where the script succeeded. Other values have no meaning. */
  readonly status: number;
  /** The head of its standard output, at most 24,000 bytes. */
  readonly stdout: string;
  /** The head of its standard error, at most 8,000 bytes. */
  readonly stderr: string;
}

/**
 * Runs scripts in POSIX sh on machines. A script may run twice (a reply is lost, an agent restarts), so scripts must be
 * safe to repeat.
 *
 * @throws TimetrialError TRANSPORT where the machine cannot be reached or does not reply within the limit, MACHINE_LOST
 * where it is known to be gone.
 */
export interface Transport {
  exec(address: Address, script: string, options: ExecOptions): Promise<ExecResult>;
  /**
   * Checks whether the machine still exists, without a connection to it.
   *
   * @throws TimetrialError MACHINE_LOST where it does not
   */
  look?(address: Address): Promise<void>;
  /** Returns the last output on the machine's console, for an error message; "" where it is not known. */
  lastWords?(address: Address): Promise<string>;
}
