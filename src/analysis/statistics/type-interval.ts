// The interval at scope "type": the machines are a sample of their type, and each machine is one value.

import type { LogInterval } from "./log-interval.ts";
import { variance } from "./samples.ts";
import type { Student } from "./student.ts";

/**
 * Returns the 95 % interval of the difference of two means, on the scale of logs. Each side needs at least two values.
 * Without any spread, both distances are 0.
 *
 * Source: Welch (1947), The generalization of "Student's" problem when several different population variances are
 * involved, Biometrika 34(1-2): 28-35.
 */
export function typeInterval(baseline: readonly number[], contender: readonly number[], student: Student): LogInterval {
  const [kb, kc] = [baseline.length, contender.length];
  const [vb, vc] = [variance(baseline) / kb, variance(contender) / kc];
  const v = vb + vc;
  if (v === 0) return { down: 0, up: 0, nu: kb + kc - 2 };
  // Computed from shares of v, since its square underflows where the spread is tiny.
  const nu = 1 / ((vb / v) ** 2 / (kb - 1) + (vc / v) ** 2 / (kc - 1));
  const halfWidth = student.quantile(nu) * Math.sqrt(v);
  return { down: halfWidth, up: halfWidth, nu };
}
