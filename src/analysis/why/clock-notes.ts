// Says of which machines the clock moved: during a batch, or because all of their CPUs were busy.

import type { Comparison } from "../comparison/comparison.ts";
import type { ClocksOfBatch, GroupedRuns } from "../comparison/row-runs.ts";
import { median } from "../statistics/samples.ts";
import { ghz } from "./evidence.ts";

/** A clock that moves by more than this during a batch is noted. */
const moves = 0.02;

/** Returns a line for each side whose clock moved during batches, and for each whose clock falls under load. */
export function clockNotes({ sides, rows }: Comparison, runs: readonly GroupedRuns[]): string[] {
  return sides.flatMap((side) => {
    const clocks = runs.map((row) => row.clocks(side));
    const all = batchesOf(clocks);
    const moved = all.filter(({ before_hz, after_hz }) => Math.abs(after_hz / before_hz - 1) > moves);
    const busy = batchesOf(clocks.filter((_, i) => rows[i]?.bound[side] === "cpu"));
    return [...(moved.length === 0 ? [] : [movedNote(side, moved, all.length)]), ...fallNote(side, busy)];
  });
}

function movedNote(side: string, moved: readonly ClocksOfBatch[], of: number): string {
  const clocks = moved.flatMap(({ before_hz, after_hz }) => [before_hz, after_hz]);
  const least = clocks.reduce((a, b) => Math.min(a, b));
  const most = clocks.reduce((a, b) => Math.max(a, b));
  return `${side}: the clock moved by more than 2 % during ${moved.length} of ${of} batches (${ghz(least)} to ${ghz(most)} GHz)`;
}

function fallNote(side: string, busy: readonly ClocksOfBatch[]): string[] {
  if (busy.length === 0) return [];
  const fall = 1 - median(busy.map(({ before_hz, after_hz }) => after_hz / before_hz));
  if (fall <= moves) return [];
  const [from, to] = [median(busy.map((one) => one.before_hz)), median(busy.map((one) => one.after_hz))];
  return [
    `${side}: the clock falls by ${Math.round(fall * 100)} % while all CPUs are busy (${ghz(from)} to ${ghz(to)} GHz)`,
  ];
}

/** Returns one of `all` for each batch. The runs of a batch share both of its clocks. */
function batchesOf(all: readonly (readonly ClocksOfBatch[])[]): ClocksOfBatch[] {
  const machines = new Map<string, Map<number, ClocksOfBatch>>();
  for (const row of all)
    for (const clocks of row) {
      let batches = machines.get(clocks.machine);
      if (batches === undefined) {
        batches = new Map();
        machines.set(clocks.machine, batches);
      }
      batches.set(clocks.batch, clocks);
    }
  return [...machines.values()].flatMap((batches) => [...batches.values()]);
}
