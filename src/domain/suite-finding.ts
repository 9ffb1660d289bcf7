// Findings of a check of a suite: where, what, and what to do about it.

export interface SuiteFinding {
  /** Path relative to the suite's folder; empty: the folder itself. */
  readonly file: string;
  /** From 1; absent where the finding is about the whole file. */
  readonly line?: number;
  /** Lower case, without a full stop. */
  readonly what: string;
  readonly hint?: string;
}

export interface SuiteCheckResult {
  /** In the order of files and lines. */
  readonly findings: readonly SuiteFinding[];
  /** What was checked, what could not be checked, and why. */
  readonly notes: readonly string[];
}
