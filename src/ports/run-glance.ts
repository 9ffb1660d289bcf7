// What can be told of a stored run at a glance, without its records.

export interface RunGlance {
  readonly name: string;
  /** Names of its sides. */
  readonly sides: readonly string[];
  /** Instance types of its sides. */
  readonly types: readonly string[];
  readonly suites: readonly string[];
  /** Each row twice: `SUITE/ROW` and `SUITE/ROW/IMPL`. */
  readonly rows: readonly string[];
}
