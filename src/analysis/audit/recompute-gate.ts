// Judges a gate a second time, from the numbers of the comparison alone. Where the numbers differ, one of the
// computations is wrong.

import type { Comparison, Geomean, SpeedupResult } from "../comparison/comparison.ts";
import type { GateItem, GateResult, LimitResult } from "../gate/judge-gate.ts";

/** Percentages may differ by rounding errors only. */
const rounding = 1e-7;

/** Returns a line for each answer or number of `gate` that does not follow from `comparison`. */
export function recomputeGate(comparison: Comparison, gate: GateResult): string[] {
  const limits = gate.limits.flatMap((limit, i) => {
    const where = `limit ${i + 1}`;
    const answers = limit.items.map((item) => answerAgain(limit, item));
    return [
      ...limit.items.flatMap((item) => itemFaults(comparison, limit, item).map((fault) => `${where}: ${fault}`)),
      ...differing(`${where}: answer`, worstOf(answers), limit.answer),
    ];
  });
  return [...limits, ...differing("answer", worstOf(gate.limits.map(({ answer }) => answer)), gate.answer)];
}

function itemFaults(comparison: Comparison, limit: LimitResult, item: GateItem): string[] {
  const found = speedupOf(comparison, limit, item);
  const name = `${item.row === null ? "geomean" : comparison.rows[item.row]?.row} of ${item.contender}`;
  const longer = (speedup: number | null | undefined): number | null =>
    speedup == null ? null : 100 * (1 / speedup - 1);
  const numbers = [
    ["percent", longer(found?.value), item.percent],
    ["lo", longer(found?.hi), item.lo],
    ["hi", longer(found?.lo), item.hi],
  ] as const;
  const isNarrower =
    item.lo !== null &&
    item.hi !== null &&
    ((item.lo_adjusted ?? Infinity) > item.lo + rounding || (item.hi_adjusted ?? -Infinity) < item.hi - rounding);
  return [
    ...numbers.flatMap(([what, expected, got]) =>
      same(expected, got) ? [] : [`${name}: ${what}: expected ${expected}, found ${got}`],
    ),
    ...(isNarrower ? [`${name}: the adjusted interval is narrower than the plain one`] : []),
    ...differing(`${name}: answer`, answerAgain(limit, item), item.answer),
  ];
}

function speedupOf(
  { rows, geomeans }: Comparison,
  { metric }: LimitResult,
  { row, contender, over }: GateItem,
): SpeedupResult | Geomean | null | undefined {
  if (row !== null) return rows[row]?.speedups[contender]?.[metric];
  if (over === undefined) return null;
  const whole = geomeans.filter((one) => one.rows === undefined);
  return (whole.find(({ suite }) => suite === null) ?? whole[0])?.speedups[contender]?.[metric];
}

function answerAgain({ slower_percent }: LimitResult, { hi, lo_adjusted }: GateItem): string {
  if (hi !== null && slower_percent > hi) return "pass";
  return lo_adjusted !== null && slower_percent < lo_adjusted ? "fail" : "undecided";
}

function worstOf(answers: readonly string[]): string {
  return (
    ["fail", "undecided"].find((answer) => answers.includes(answer)) ?? (answers.length === 0 ? "undecided" : "pass")
  );
}

function same(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= rounding * (1 + Math.abs(a));
}

function differing(what: string, expected: string, found: string): string[] {
  return expected === found ? [] : [`${what}: expected ${expected}, found ${found}`];
}
