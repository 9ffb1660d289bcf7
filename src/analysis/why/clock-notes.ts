// Says of which machines the clock moved: during a batch, or because all of their CPUs were busy.

import type { Comparison } from "../comparison/comparison.ts";
import type { RowRun } from "../comparison/row-runs.ts";
import { median } from "../statistics/samples.ts";
import { ghz } from "./evidence.ts";

/** A clock that moves by more than this during a batch is noted. */
const moves = 0.02;

interface Batch {
  readonly before_hz: number;
  readonly after_hz: number;
}

/** Returns a line for each side whose clock moved during batches, and for each whose clock falls under load. */
export function clockNotes({ sides, rows }: Comparison, runs: readonly (readonly RowRun[])[]): string[] {
  return sides.flatMap((side) => {
    const all = batchesOf(runs.flat(), side);
    const moved = all.filter(({ before_hz, after_hz }) => Math.abs(after_hz / before_hz - 1) > moves);
    const busy = batchesOf(
      runs.flatMap((own, i) => (rows[i]?.bound[side] === "cpu" ? own : [])),
      side,
    );
    return [...(moved.length === 0 ? [] : [movedNote(side, moved, all.length)]), ...fallNote(side, busy)];
  });
}

function movedNote(side: string, moved: readonly Batch[], of: number): string {
  const clocks = moved.flatMap(({ before_hz, after_hz }) => [before_hz, after_hz]);
  const [least, most] = [Math.min(...clocks), Math.max(...clocks)];
  return `${side}: the clock moved by more than 2 % during ${moved.length} of ${of} batches (${ghz(least)} to ${ghz(most)} GHz)`;
}

function fallNote(side: string, busy: readonly Batch[]): string[] {
  if (busy.length === 0) return [];
  const fall = 1 - median(busy.map(({ before_hz, after_hz }) => after_hz / before_hz));
  if (fall <= moves) return [];
  const [from, to] = [median(busy.map((one) => one.before_hz)), median(busy.map((one) => one.after_hz))];
  return [
    `${side}: the clock falls by ${Math.round(fall * 100)} % while all CPUs are busy (${ghz(from)} to ${ghz(to)} GHz)`,
  ];
}

/** Returns the clocks of the batches that the side's runs were in. The runs of a batch share both of its clocks. */
function batchesOf(runs: readonly RowRun[], side: string): Batch[] {
  const batches = new Map<string, Batch>();
  for (const { side: own, machine, batch, clock_hz_before: before_hz, clock_hz_after: after_hz } of runs)
    if (own === side && before_hz !== undefined && after_hz !== undefined)
      batches.set(JSON.stringify([machine, batch]), { before_hz, after_hz });
  return [...batches.values()];
}
