// Recomputes the factors of every speedup from the runs. The code is independent of the report's, so that one error
// cannot be in both.

import type { ComparedRow, Comparison } from "../comparison/comparison.ts";
import type { RowRun, RowRuns } from "../comparison/row-runs.ts";
import type { FactorName, SpeedupFactors } from "../why/decompose.ts";

/** Relative tolerance: the two computations multiply in different orders. */
const rounding = 1e-9;

/** Returns where `why` differs from what the rows' `runs` say: `hashes/md5 of b, clock: expected 1.02, found 1.2`. */
export function recomputeFactors(
  { rows, baseline }: Comparison,
  runs: readonly RowRuns[],
  why: readonly Readonly<Record<string, SpeedupFactors>>[],
): string[] {
  return rows.flatMap((row, i) =>
    Object.entries(why[i] ?? {}).flatMap(([side, found]) =>
      factorFaults(row, runs[i], [baseline, side], found).map(
        (what) => `${row.suite}/${row.row}/${row.impl} of ${side}, ${what}`,
      ),
    ),
  );
}

function factorFaults(
  row: ComparedRow,
  runs: RowRuns | undefined,
  sides: readonly [string, string],
  { factors, counted }: SpeedupFactors,
): string[] {
  if (factors.length === 0) return [];
  const product = factors.reduce((all, { value }) => all * value, 1);
  const speedup = row.speedups[sides[1]]?.cpu.value ?? Number.NaN;
  const faults = same(product, speedup) ? [] : [`product of its factors: expected ${speedup}, found ${product}`];
  const machines = sides.map((side) =>
    (row.cells[side]?.cpu.machines ?? []).map(({ machine, median_s }) => ({
      median_s,
      own: (runs?.of(side, machine) ?? []).filter((run) => run.left_out === null),
    })),
  );
  for (const { name, value, lo, hi } of factors) {
    const [b, c] = machines.map((side) => sideValue(side, name, counted)) as [number, number];
    if (!same(value, b / c)) faults.push(`${name}: expected ${b / c}, found ${value}`);
    if ((lo ?? value) > value || (hi ?? value) < value)
      faults.push(`${name}: expected ${lo} to ${hi} to hold ${value}`);
  }
  return faults;
}

/** Returns the geometric mean over a side's machines of one factor, where less is faster. */
function sideValue(
  machines: readonly { readonly median_s: number; readonly own: readonly RowRun[] }[],
  name: FactorName,
  counted: SpeedupFactors["counted"],
): number {
  const values = machines.map(({ median_s, own }) => {
    const clock_hz = counted === "user+kernel" ? middle(own.map(cyclesPerSecond)) : middle(chainClocks(own));
    if (name === "clock") return 1 / clock_hz;
    if (name === "rest") return median_s * clock_hz;
    const instructions = middle(own.map((run) => run.counts?.instructions ?? Number.NaN));
    return name === "instructions" ? instructions : (median_s * clock_hz) / instructions;
  });
  return values.reduce((all, value) => all * value ** (1 / values.length), 1);
}

function cyclesPerSecond({ counts, cpu_s }: RowRun): number {
  return (counts?.cycles ?? Number.NaN) / (cpu_s ?? Number.NaN);
}

/** Returns a clock for each batch: the mean of before and after. */
function chainClocks(runs: readonly RowRun[]): number[] {
  const batches = new Map(runs.toReversed().map((run) => [run.batch, run]));
  return [...batches.values()].map(
    ({ clock_hz_before: before, clock_hz_after: after }) => ((before ?? after ?? NaN) + (after ?? before ?? NaN)) / 2,
  );
}

function middle(values: readonly number[]): number {
  const x = [...values].sort((a, b) => a - b);
  const half = x.length >> 1;
  return x.length % 2 === 1 ? (x[half] as number) : ((x[half - 1] as number) + (x[half] as number)) / 2;
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= rounding * Math.abs(b);
}
