// The port that reads suites.

import type { ShippedFile, Suite } from "../domain/plan/suite.ts";

/** Reads suites and the agent's own files. */
export interface Suites {
  /** Returns the names of all suites, sorted. */
  list(): Promise<readonly string[]>;
  /** Reads a suite. @throws TimetrialError SUITE_UNKNOWN, SUITE_INVALID (with file, path in it, value and line) */
  load(name: string): Promise<Suite>;
  /** Returns the agent's files: those of `remote/` that run on a machine. */
  agent(): Promise<readonly ShippedFile[]>;
}
