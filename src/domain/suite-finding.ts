// What a look at a suite found: where, what, and what to do about it.

export interface SuiteFinding {
  /** Relative to the suite's folder; the folder itself where empty. */
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number;
  /** Lower case, without a full stop. */
  readonly what: string;
  readonly hint?: string;
}

export interface SuiteCheckResult {
  /** In the order of files and lines. */
  readonly findings: readonly SuiteFinding[];
  /** What was looked at, and what could not be, and why. */
  readonly notes: readonly string[];
}
