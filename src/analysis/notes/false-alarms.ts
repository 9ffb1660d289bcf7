// Counts the false alarms of an A/A test: how often the method finds a difference where there is none.

import type { Comparison, Metric, SpeedupResult } from "../comparison/comparison.ts";

/**
 * Returns a line per metric: how many rows' intervals exclude 1, how many are called a difference, and how many are
 * expected.
 */
export function falseAlarmLines({ rows }: Comparison): string[] {
  return (["real", "cpu"] as const).flatMap((metric) =>
    metricLine(
      metric,
      rows.flatMap((row) => Object.values(row.speedups).map((speedup) => speedup[metric])),
    ),
  );
}

function metricLine(metric: Metric, speedups: readonly SpeedupResult[]): string[] {
  const sure = speedups.flatMap(({ lo, hi, verdict }) => (lo === null || hi === null ? [] : [{ lo, hi, verdict }]));
  if (sure.length === 0) return [`A/A, ${metric}: no row has an interval`];
  const apart = sure.filter(({ lo, hi }) => lo > 1 || hi < 1).length;
  const called = sure.filter(({ verdict }) => verdict === "faster" || verdict === "slower").length;
  const chance = Number((sure.length * 0.05).toPrecision(2));
  return [
    `A/A, ${metric}: ${apart} of ${sure.length} 95 % intervals exclude 1 (${percent(apart / sure.length)}); 5 %, or ${chance}, are expected`,
    `A/A, ${metric}: ${called} of ${sure.length} are called a difference (${percent(called / sure.length)}), after allowing for their number`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
