// Checks that a comparison has a result for everything that was measured.

import type { Comparison } from "./comparison.ts";

/**
 * Whether each of `sides` has a kept run, and each row that ran on a side has a kept run there. A row that did not run
 * because its machines do not meet a requirement is not a missing result.
 */
export function hasResult({ rows }: Comparison, sides: readonly string[]): boolean {
  return sides.every((side) => {
    const cells = rows.flatMap(({ cells: own }) => own[side]?.real ?? []);
    const leftOut = cells.some(({ kept, of, reasons }) => kept === 0 && of > (reasons["not-run"] ?? 0));
    return !leftOut && cells.some(({ kept }) => kept > 0);
  });
}
