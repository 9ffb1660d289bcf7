// Where suites come from.

import type { ShippedFile, Suite } from "../domain/plan/suite.ts";

/** Where suites and the agent's own files come from. */
export interface Suites {
  /** Names of all suites that there are, sorted. */
  list(): Promise<readonly string[]>;
  /** @throws TimetrialError SUITE_UNKNOWN, SUITE_INVALID (with file, path in it, value and line) */
  load(name: string): Promise<Suite>;
  /** The files of `remote/`: what runs on a machine. */
  agent(): Promise<readonly ShippedFile[]>;
}
