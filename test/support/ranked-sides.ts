// Records of several sides whose true times are known, and their ranking.

import { analyse } from "../../src/analysis/comparison/analyse.ts";
import type { Comparison, SideScore } from "../../src/analysis/comparison/comparison.ts";
import { rankSides, type RankOptions } from "../../src/analysis/ranking/rank-sides.ts";
import type { Ranking } from "../../src/analysis/ranking/ranking.ts";
import type { TrialRecord } from "../../src/domain/run/trial-record.ts";
import { series } from "./records.ts";

/** By row and side: the runs of each machine. Seconds; null: a failed run. */
export type SideTimes = Readonly<Record<string, Readonly<Record<string, readonly (readonly (number | null)[])[]>>>>;

export function recordsOfSides(times: SideTimes): TrialRecord[] {
  return Object.entries(times).flatMap(([row, bySide]) =>
    Object.entries(bySide).flatMap(([side, machines]) =>
      machines.flatMap((runs, m) => series(runs, { row, side, machine: `${side}-${m + 1}` })),
    ),
  );
}

/** The comparison of all sides with the first that is named. */
export async function comparedSides(
  times: SideTimes,
  change: (record: TrialRecord) => TrialRecord = (record) => record,
): Promise<Comparison> {
  const sides = [...new Set(Object.values(times).flatMap((row) => Object.keys(row)))];
  const records = recordsOfSides(times).map(change);
  const rows = Object.keys(times).map((row) => ({ suite: "s", row, impl: "i" }));
  return await analyse(records, { sides, baseline: sides[0] ?? "", rows, warmup: () => 0 });
}

/** The ranking of the sides; it is there. */
export async function rankingOf(comparison: Comparison, options: RankOptions = { by: "real" }): Promise<Ranking> {
  const ranking = await rankSides(comparison, options);
  if (ranking === undefined) throw new Error("the comparison has no ranking");
  return ranking;
}

/** A comparison of one row, of which only the scores are known: by side, the logs of its machines' times. */
export function scoredSides(logs: Readonly<Record<string, readonly number[]>>): Comparison {
  const sides = Object.entries(logs).map(([side, own]): [string, SideScore] => {
    const machines = own.map((log, i) => ({ machine: `${side}-${i + 1}`, time_s: Math.exp(log) }));
    const time_s = Math.exp(own.reduce((sum, log) => sum + log, 0) / own.length);
    return [side, { time_s, lo_s: null, hi_s: null, rounds: 0, machines, half_tick: 0, geomean: null }];
  });
  const table = { rows: [0], sides: Object.fromEntries(sides) };
  const names = sides.map(([side]) => side);
  return {
    schema: 1,
    baseline: names[0] ?? "",
    sides: names,
    machines: {},
    rows: [],
    geomeans: [],
    scores: { real: table, cpu: table },
    left_out: { runs: 0, of: 0, reasons: {} },
    notes: [],
  };
}
