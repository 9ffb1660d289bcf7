// The line that counts the runs that are not in a result.

import type { Comparison } from "../../analysis/comparison/comparison.ts";

/** Returns `2 of 120 runs left out (1 steal, 1 failed)`. */
export function leftOutRuns({ left_out: { runs, of, reasons } }: Pick<Comparison, "left_out">): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  return `${runs} of ${of} runs left out${why.length === 0 ? "" : ` (${why.join(", ")})`}`;
}
