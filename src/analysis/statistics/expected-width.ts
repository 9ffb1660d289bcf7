// How wide an interval a run's machines will give, reckoned before they are launched (docs/statistics.md, "Stopping").

import { loadStudent } from "./student.ts";

/**
 * Half-width of the 95 % interval of a speedup, as a part of it, with `machines` on each side whose logs have the standard
 * deviation `spread`: exp(q(2K-2) sqrt(2 s^2 / K)) - 1. Null with one machine a side: the spread cannot be seen there.
 */
export async function expectedHalfWidth(machines: number, spread: number): Promise<number | null> {
  if (machines < 2) return null;
  const q = (await loadStudent()).quantile(2 * machines - 2);
  return Math.expm1(q * spread * Math.sqrt(2 / machines));
}

/** What machines of one type were found to differ by. */
export interface SpreadSource {
  /** Standard deviation over mean. */
  readonly spread: number;
  readonly source: string;
}

/**
 * The largest of the medians over a maker's types: AWS 0.06 %, AMD 0.11 %, Intel 0.17 %. The worst single types: 0.16 %,
 * 0.35 %, 7.6 %.
 *
 * Source: computed over github.com/Atom-oh/aws-ec2-benchmark, results/sysbench-cpu: 54 types of size xlarge, five fresh
 * machines each, three runs of a minute, the first dropped.
 */
export const defaultSpread: SpreadSource = {
  spread: 0.0017,
  source:
    "the median Intel type of github.com/Atom-oh/aws-ec2-benchmark, sysbench-cpu; AMD 0.11 %, Graviton 0.06 %; the worst type, c7i.xlarge, 7.6 %",
};
