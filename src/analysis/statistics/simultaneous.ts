// Widens an interval so that it holds together with others: of twenty intervals of 95 %, one misses by chance.

import type { LogInterval } from "./log-interval.ts";
import type { Student } from "./student.ts";

/**
 * Returns `interval`, of 95 %, as one of `count` intervals that hold all together in 95 % of cases, whatever they have
 * in common: each at 1 - 0.05 / `count`. Its distances grow as the quantiles of Student's t do, at its own degrees of
 * freedom.
 *
 * Source: Dunn (1961), Multiple comparisons among means, JASA 56(293): 52-64 (Bonferroni's inequality).
 */
export function simultaneousInterval(interval: LogInterval, count: number, student: Student): LogInterval {
  if (count <= 1) return interval;
  const { down, up, nu } = interval;
  const wider = student.quantile(nu, 1 - 0.05 / count) / student.quantile(nu);
  return { down: down * wider, up: up * wider, nu };
}
