// Splits the values of a filter, of which EC2 takes only so many at once.

import { lotsOf } from "../../domain/lots.ts";

/** The most values that EC2 accepts in a filter. */
const most = 200;

/** Returns `values` in lots that a filter takes; none for no value. */
export function filterLots(values: readonly string[]): string[][] {
  return lotsOf(values, most);
}
