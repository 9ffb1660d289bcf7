// Estimates before a launch how wide the intervals of its machines will be (docs/statistics.md, "Stopping").

import { loadStudent } from "./student.ts";

/**
 * Returns the expected half-width of a speedup's 95 % interval as a share of the speedup: exp(q(2K-2) sqrt(2 s^2 / K))
 * - 1. K is `machines`, the number on each side; s is `spread`, the standard deviation of the logs of their medians.
 * Null with one machine per side, which shows no spread.
 */
export async function expectedHalfWidth(machines: number, spread: number): Promise<number | null> {
  if (machines < 2) return null;
  const q = (await loadStudent()).quantile(2 * machines - 2);
  return Math.expm1(q * spread * Math.sqrt(2 / machines));
}

/** How much machines of one type differ, and the source of that number. */
export interface SpreadSource {
  /** Standard deviation over mean. */
  readonly spread: number;
  readonly source: string;
}

/**
 * The spread of Intel's types, the largest of the medians over each maker's types: AWS 0.06 %, AMD 0.11 %, Intel 0.17
 * %. The worst single types: 0.16 %, 0.35 %, 7.6 %.
 *
 * Source: computed over github.com/Atom-oh/aws-ec2-benchmark, results/sysbench-cpu: 54 types of size xlarge, five fresh
 * machines each, three runs of a minute, the first dropped.
 */
export const defaultSpread: SpreadSource = {
  spread: 0.0017,
  source:
    "the median Intel type of github.com/Atom-oh/aws-ec2-benchmark, sysbench-cpu; AMD 0.11 %, Graviton 0.06 %; the worst type, c7i.xlarge, 7.6 %",
};
