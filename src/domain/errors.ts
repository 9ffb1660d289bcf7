// Errors for users: a message for people, a code for programs, an exit status for shells.
//
// A code never changes its meaning. Exit status: usage 2, refused before spending 4, cloud or transport 5, results
// unreadable 1, instances may be left running 3.

const exitStatusOf = {
  USAGE: 2,
  SUITE_INVALID: 2,
  SUITE_UNKNOWN: 2,
  TYPE_UNKNOWN: 2,
  REGION_UNKNOWN: 2,
  BASELINE_UNKNOWN: 2,
  PUBLISHED_UNKNOWN: 2,
  RESULTS_CORRUPT: 1,
  RESULTS_UNWRITABLE: 5,
  BUDGET: 1,
  CLEANUP_FAILED: 1,
  RESULTS_UNKNOWN: 2,
  NO_CREDENTIALS: 4,
  REFUSED: 4,
  OVER_QUOTA: 4,
  NO_CAPACITY: 5,
  QUOTA: 5,
  CLOUD: 5,
  TRANSPORT: 5,
  MACHINE_LOST: 5,
  AGENT: 5,
  LEFT_RUNNING: 3,
} as const;

/** The kind of an error, for programs. A code never changes its meaning. */
export type ErrorCode = keyof typeof exitStatusOf;

const brand: unique symbol = Symbol.for("timetrial.error") as never;

/**
 * An error for the user. The message says where, what was expected and what was found; `hint` says what to do.
 * The message is lower case, without a full stop, in the user's own words and paths.
 *
 * @example
 * import { parseSide, TimetrialError } from "timetrial";
 *
 * try {
 *   parseSide("c7g");
 * } catch (error) {
 *   if (error instanceof TimetrialError) console.error(error.code, error.message, error.hint);
 * }
 */
export class TimetrialError extends Error {
  /** Returns true for errors of another copy of this module too: a program may have two copies of timetrial in it. */
  static override [Symbol.hasInstance](value: unknown): value is TimetrialError {
    return typeof value === "object" && value !== null && brand in value;
  }

  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "TimetrialError";
    this.code = code;
    this.hint = options.hint;
  }

  get exitStatus(): number {
    return exitStatusOf[this.code];
  }
}
