// Whether a comparison says something of everything that was measured.

import type { Comparison } from "./comparison.ts";

/**
 * Whether each of `sides` has a kept run, and each row that ran on one of them a kept run there. A row that was not run for
 * a need that its machines do not have is no missing result.
 */
export function hasResult({ rows }: Comparison, sides: readonly string[]): boolean {
  return sides.every((side) => {
    const cells = rows.flatMap(({ cells: own }) => own[side]?.real ?? []);
    const leftOut = cells.some(({ kept, of, reasons }) => kept === 0 && of > (reasons["not-run"] ?? 0));
    return !leftOut && cells.some(({ kept }) => kept > 0);
  });
}
