// What sides are ranked by: each side's mean time over the rows that all ranked sides ran, and what its interval is
// made from (docs/statistics.md, "Ranking").

import { type PairTests, geomeanOver } from "../compare-tests/pair-tests.ts";
import type { ComparedRow, Metric, ScoreTable, SideScore } from "../comparison/comparison.ts";
import type { KeptMachine } from "../comparison/kept-runs.ts";
import type { PairedRow } from "../comparison/paired-rows.ts";
import { roundScores } from "../comparison/suite-geomean.ts";
import { medianInterval } from "../statistics/median-interval.ts";
import { geometricMean, mean, rootOfSquares } from "../statistics/samples.ts";

interface ScoreInput {
  readonly rows: readonly PairedRow[];
  /** By the same index as `rows`. */
  readonly compared: readonly ComparedRow[];
  readonly metric: Metric;
  readonly baseline: string;
  readonly sides: readonly string[];
  /** Whether machines of the sides share a host: then none are a sample of their type. */
  readonly sharedHost: boolean;
}

/** Computes the scores of all sides from their tests against the baseline, `pairs`. */
export async function scoreTable(input: ScoreInput, pairs: readonly PairTests[]): Promise<ScoreTable> {
  const { compared, metric, baseline, sides, rows } = input;
  const isTimed = (row: number, side: string): boolean =>
    side === baseline || (compared[row]?.speedups[side]?.[metric].value ?? null) !== null;
  const possible = compared.flatMap((row, i) =>
    Object.values(row.speedups).some((speedup) => speedup[metric].value !== null) ? [i] : [],
  );
  const ranked = sides.filter((side) => 2 * possible.filter((row) => isTimed(row, side)).length >= possible.length);
  const common = possible.filter((row) => ranked.every((side) => isTimed(row, side)));
  if (common.length === 0) return { rows: [], sides: Object.fromEntries(sides.map((side) => [side, null])) };
  const over = common.map((row) => rows[row] as PairedRow);
  const samples = ranked.map((side) => sampleOfType(input, common, side));
  const needsRounds = samples.some(({ length }) => length === 0);
  const scores = await Promise.all(
    ranked.map(async (side, i): Promise<readonly [string, SideScore]> => {
      const cells = common.flatMap((row) => compared[row]?.cells[side]?.[metric] ?? []);
      const kept = over.map((row) => keptMachines(row, side, pairs));
      const pair = pairs.find(({ pair: { contender } }) => contender === side);
      const geomean = pair === undefined ? null : await geomeanOver(over, pair);
      const time_s = geometricMean(cells.map((cell) => cell.time_s ?? Number.NaN));
      return [
        side,
        {
          time_s,
          ...(needsRounds ? intervalOfMachines(time_s, cells, kept) : unknown),
          machines: samples[i] ?? [],
          half_tick: mean(over.map((row, place) => halfTick(cells[place]?.time_s, row, side, pairs))),
          geomean: geomean?.count === common.length ? geomean : null,
        },
      ];
    }),
  );
  const found = new Map(scores);
  return { rows: common, sides: Object.fromEntries(sides.map((side) => [side, found.get(side) ?? null])) };
}

const unknown = { lo_s: null, hi_s: null, rounds: 0 } as const;

type Cell = ComparedRow["cells"][string][Metric];

/** Returns the machines' geometric means over the rows; none where they are no sample of their type. */
function sampleOfType({ compared, metric, sharedHost }: ScoreInput, common: readonly number[], side: string) {
  const lists = common.map((row) => compared[row]?.cells[side]?.[metric].machines ?? []);
  const [first = [], ...others] = lists.map((list) => list.map(({ machine }) => machine));
  const areSame = others.every((list) => list.length === first.length && list.every((name, i) => name === first[i]));
  if (sharedHost || first.length < 2 || !areSame) return [];
  return first.map((machine, i) => ({
    machine,
    time_s: geometricMean(lists.map((list) => list[i]?.median_s ?? Number.NaN)),
  }));
}

/** Returns by row a side's machines that count. */
function keptMachines(row: PairedRow, side: string, pairs: readonly PairTests[]): readonly KeptMachine[] {
  for (const { pair, judged } of pairs) {
    const test = pair.contender === side || pair.baseline === side ? judged.get(row) : undefined;
    if (test !== undefined) return (pair.contender === side ? test.contender : test.baseline).machines;
  }
  return [];
}

/**
 * Returns the interval of the mean time of these machines: the wider of that of the rows taken as independent, and that
 * of the rounds' scores.
 */
function intervalOfMachines(
  time_s: number,
  cells: readonly Cell[],
  kept: readonly (readonly KeptMachine[])[],
): Pick<SideScore, "lo_s" | "hi_s" | "rounds"> {
  const parts = (kept[0] ?? [])
    .map(({ machine }) => kept.flatMap((machines) => machines.filter((one) => one.machine === machine)))
    .filter((found) => found.length === kept.length);
  const rounds = parts.map(roundScores);
  const intervals = rounds.map((scores) => medianInterval(scores));
  const ofRows = cells.flatMap(({ machines }) =>
    machines.map(({ median_s, lo_s, hi_s }) =>
      lo_s === null || hi_s === null ? undefined : halfWidths(lo_s, median_s, hi_s, machines.length * cells.length),
    ),
  );
  const ofRounds = intervals.map((one) => one && halfWidths(one.lo, one.median, one.hi, rounds.length));
  const [rowParts, roundParts] = [ofRows.filter(isKnown), ofRounds.filter(isKnown)];
  if (roundParts.length === 0 || roundParts.length < ofRounds.length || rowParts.length < ofRows.length) return unknown;
  const reach = (end: keyof HalfWidths): number =>
    Math.max(rootOfSquares(rowParts.map((part) => part[end])), rootOfSquares(roundParts.map((part) => part[end])));
  return {
    lo_s: time_s * Math.exp(-reach("below")),
    hi_s: time_s * Math.exp(reach("above")),
    rounds: rounds.reduce((least, { length }) => Math.min(least, length), Infinity),
  };
}

/** Distances of logs, each a part of a mean over several medians. */
interface HalfWidths {
  readonly below: number;
  readonly above: number;
}

function halfWidths(lo: number, median: number, hi: number, parts: number): HalfWidths {
  return { below: Math.log(median / lo) / parts, above: Math.log(hi / median) / parts };
}

function isKnown(half: HalfWidths | undefined): half is HalfWidths {
  return half !== undefined;
}

function halfTick(
  time_s: number | null | undefined,
  row: PairedRow,
  side: string,
  pairs: readonly PairTests[],
): number {
  const tests = pairs.flatMap(({ pair, judged }) =>
    pair.contender === side || pair.baseline === side ? (judged.get(row) ?? []) : [],
  );
  // Of the baseline's tests each has the coarser clock of its two sides.
  const tick_s = Math.min(...tests.map(({ resolution_s }) => resolution_s));
  return Number.isFinite(tick_s) && time_s != null ? -Math.log1p(-tick_s / (2 * time_s)) : 0;
}
