// Checks that a comparison has a result for everything that was measured.

import type { CellResult } from "./comparison.ts";

/** Rows with the cells of their sides. */
interface Results {
  readonly rows: readonly { readonly cells: Readonly<Record<string, { readonly real: CellResult }>> }[];
}

/**
 * Whether each of `sides` has a kept run, and each row that ran on a side has a kept run there. A row that did not run
 * because its machines do not meet a requirement is not a missing result.
 */
export function hasResult({ rows }: Results, sides: readonly string[]): boolean {
  return sides.every((side) => {
    const cells = rows.flatMap(({ cells: own }) => own[side]?.real ?? []);
    const leftOut = cells.some(({ kept, of, reasons }) => kept === 0 && of > (reasons["not-run"] ?? 0));
    return !leftOut && cells.some(({ kept }) => kept > 0);
  });
}
