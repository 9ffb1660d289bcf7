// Recomputes the factors of every speedup from the runs. The code is independent of the report's, so that one error
// cannot be in both.

import type { ComparedRow, Comparison } from "../comparison/comparison.ts";
import type { RowRuns } from "../comparison/row-runs.ts";
import type { CountedReadings } from "../trials/counted-runs.ts";
import type { FactorName, SpeedupFactors } from "../why/decompose.ts";
import { middle, same } from "./medians.ts";

/** Returns where `why` differs from what the rows' `runs` say: `hashes/md5 of b, clock: expected 1.02, found 1.2`. */
export function recomputeFactors(
  { rows, baseline }: Comparison,
  runs: readonly RowRuns[],
  why: readonly Readonly<Record<string, SpeedupFactors>>[],
): string[] {
  return rows.flatMap((row, i) => {
    // The baseline is in every speedup.
    const known = new Map<string, readonly MachineOfRow[]>();
    const machines = (side: string): readonly MachineOfRow[] => {
      const found = known.get(side) ?? machinesOf(row, runs[i], side);
      known.set(side, found);
      return found;
    };
    return Object.entries(why[i] ?? {}).flatMap(([side, found]) =>
      factorFaults(row, [machines(baseline), machines(side)], side, found).map(
        (what) => `${row.suite}/${row.row}/${row.impl} of ${side}, ${what}`,
      ),
    );
  });
}

interface MachineOfRow {
  readonly median_s: number;
  readonly readings: CountedReadings | undefined;
  readonly cpu_s: Float64Array;
}

function machinesOf(row: ComparedRow, runs: RowRuns | undefined, side: string): MachineOfRow[] {
  return (row.cells[side]?.cpu.machines ?? []).map(({ machine, median_s }) => ({
    median_s,
    readings: runs?.readings(side, machine),
    cpu_s: runs?.counted(side, machine)?.cpu_s ?? new Float64Array(),
  }));
}

function factorFaults(
  row: ComparedRow,
  machines: readonly [readonly MachineOfRow[], readonly MachineOfRow[]],
  side: string,
  { factors, counted }: SpeedupFactors,
): string[] {
  if (factors.length === 0) return [];
  const product = factors.reduce((all, { value }) => all * value, 1);
  const speedup = row.speedups[side]?.cpu.value ?? Number.NaN;
  const faults = same(product, speedup) ? [] : [`product of its factors: expected ${speedup}, found ${product}`];
  for (const { name, value, lo, hi } of factors) {
    const [b, c] = machines.map((own) => sideValue(own, name, counted)) as [number, number];
    if (!same(value, b / c)) faults.push(`${name}: expected ${b / c}, found ${value}`);
    if ((lo ?? value) > value || (hi ?? value) < value)
      faults.push(`${name}: expected ${lo} to ${hi} to hold ${value}`);
  }
  return faults;
}

/** Returns the geometric mean over a side's machines of one factor, where less is faster. */
function sideValue(machines: readonly MachineOfRow[], name: FactorName, counted: SpeedupFactors["counted"]): number {
  const values = machines.map(({ median_s, cpu_s, readings }) => {
    if (readings === undefined) return Number.NaN;
    const { cycles } = readings;
    const clock_hz = middle(
      counted === "user+kernel"
        ? cycles.map((count, k) => count / (cpu_s[k] as number))
        : Float64Array.from(chainClocks(readings)),
    );
    if (name === "clock") return 1 / clock_hz;
    if (name === "rest") return median_s * clock_hz;
    const instructions = middle(readings.instructions);
    return name === "instructions" ? instructions : (median_s * clock_hz) / instructions;
  });
  return values.reduce((all, value) => all * value ** (1 / values.length), 1);
}

/** Returns a clock for each batch: the mean of before and after. */
function chainClocks({ batches, clock_hz_before, clock_hz_after }: CountedReadings): Iterable<number> {
  const clocks = new Map<number, number>();
  for (let k = 0; k < batches.length; k++) {
    const batch = batches[k] as number;
    if (clocks.has(batch)) continue;
    const [before, after] = [clock_hz_before[k] as number, clock_hz_after[k] as number];
    clocks.set(batch, Number.isNaN(before) ? after : Number.isNaN(after) ? before : (before + after) / 2);
  }
  return clocks.values();
}
