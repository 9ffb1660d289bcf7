// Recomputes every cell from the records. The code is independent of the table's, so that one error cannot be in both.

import type { ComparedRow, Comparison, Geomean, Metric } from "../comparison/comparison.ts";
import type { RowRuns } from "../comparison/row-runs.ts";
import { middle, same } from "./medians.ts";

/**
 * Returns the differences between `comparison` and its rows' `runs`: `hashes/md5 on a, real: expected 2.01, found 2`.
 */
export function recomputeCells(comparison: Comparison, runs: readonly RowRuns[]): string[] {
  return comparison.rows
    .flatMap((row, i) => {
      return [
        ...comparison.sides.flatMap((side) => {
          const found = timesOfSide(runs[i], side);
          return metrics.flatMap((metric) => cellFault(row, side, metric, found));
        }),
        ...Object.keys(row.speedups).flatMap((side) =>
          metrics.flatMap((metric) => ratioFault(row, comparison.baseline, side, metric)),
        ),
      ];
    })
    .concat(
      comparison.geomeans.filter(({ rows }) => rows === undefined).flatMap((means) => meanFaults(comparison, means)),
    );
}

/** The runs of one side after warm-up: their number, and the times that count by machine. */
interface SideTimes {
  readonly of: number;
  readonly machines: ReadonlyMap<string, Readonly<Record<Metric, Float64Array>>>;
}

function timesOfSide(runs: RowRuns | undefined, side: string): SideTimes {
  const machines = new Map<string, Record<Metric, Float64Array>>();
  let of = 0;
  for (const machine of runs?.machines(side) ?? []) {
    const counted = runs?.counted(side, machine);
    if (counted === undefined) continue;
    of += counted.of;
    machines.set(machine, { real: counted.real_s, cpu: counted.cpu_s });
  }
  return { of, machines };
}

const metrics = ["real", "cpu"] as const satisfies readonly Metric[];

function cellFault(row: ComparedRow, side: string, metric: Metric, { of, machines }: SideTimes): string[] {
  const cell = row.cells[side]?.[metric];
  const where = `${row.suite}/${row.row}/${row.impl} on ${side}, ${metric}`;
  if (cell === undefined) return [`${where}: expected a cell, found none`];
  if (cell.of !== of) return [`${where}: expected ${of} runs, found ${cell.of}`];
  if (cell.time_s === null) return [];
  const medians = cell.machines.map(({ machine }) => middle(machines.get(machine)?.[metric] ?? new Float64Array()));
  const product = medians.reduce((all, time_s) => all * time_s ** (1 / medians.length), 1);
  return same(product, cell.time_s) ? [] : [`${where}: expected ${product} s, found ${cell.time_s} s`];
}

/** Checks that the speedup is the quotient of the two cells. */
function ratioFault(row: ComparedRow, baseline: string, side: string, metric: Metric): string[] {
  const [b, c] = [row.cells[baseline]?.[metric].time_s, row.cells[side]?.[metric].time_s];
  const { value, lo, hi } = row.speedups[side]?.[metric] ?? { value: null, lo: null, hi: null };
  if (b == null || c == null || value == null) return [];
  if (same(b / c, value) && (lo ?? value) <= value && value <= (hi ?? value)) return [];
  if (same(b / c, value))
    return [
      `${row.suite}/${row.row}/${row.impl}, ${metric} speedup of ${side}: expected ${lo} to ${hi} to hold ${value}`,
    ];
  return [`${row.suite}/${row.row}/${row.impl}, ${metric} speedup of ${side}: expected ${b / c}, found ${value}`];
}

/** Checks the geomeans over all rows of a suite and over all suites. Geomeans over CPU-bound rows are not checked. */
function meanFaults(comparison: Comparison, { suite, speedups }: Comparison["geomeans"][number]): string[] {
  return Object.entries(speedups).flatMap(([side, means]) =>
    metrics.flatMap((metric) => {
      const found = means[metric];
      if (found === null) return [];
      const rows = comparison.rows.filter(
        (row) => (suite === null || row.suite === suite) && row.speedups[side]?.[metric].lo != null,
      );
      const where = `${suite === null ? "" : `${suite}, `}${metric} geomean of ${side}`;
      const ratios = rows.map((row) => quotient(row, comparison.baseline, side, metric));
      return meanFault(found, ratios).map((what) => `${where}: ${what}`);
    }),
  );
}

/** Checks a geomean, and its range with one row left out. */
function meanFault({ value, lo, hi, count, leave_one_out }: Geomean, ratios: readonly number[]): string[] {
  const [product, n] = [ratios.reduce((all, ratio) => all * ratio, 1), ratios.length];
  if (count !== n) return [`expected ${n} rows, found ${count}`];
  if (!same(product ** (1 / n), value)) return [`expected ${product ** (1 / n)}, found ${value}`];
  if ((lo ?? value) > value || (hi ?? value) < value) return [`expected ${lo} to ${hi} to hold ${value}`];
  const without = ratios.map((ratio) => (product / ratio) ** (1 / (n - 1)));
  const ends = [Math.min(...without), Math.max(...without)] as const;
  if (leave_one_out === null || (same(ends[0], leave_one_out[0]) && same(ends[1], leave_one_out[1]))) return [];
  return [`expected ${ends.join(" to ")} with one row left out, found ${leave_one_out.join(" to ")}`];
}

function quotient(row: ComparedRow, baseline: string, side: string, metric: Metric): number {
  return (row.cells[baseline]?.[metric].time_s ?? Number.NaN) / (row.cells[side]?.[metric].time_s ?? Number.NaN);
}
