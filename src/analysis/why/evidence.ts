// Decides which clock and which counts of two sides' runs a speedup can be split by, and says why not by more.

import type { RowRuns } from "../comparison/row-runs.ts";
import { median } from "../statistics/samples.ts";
import { clocksAround, type CountedReadings } from "../trials/counted-runs.ts";

/** What a speedup is split by. */
export interface Evidence {
  /** Undefined where a run of either side has no clock. */
  readonly clock: RunClock | undefined;
  /** What the counts include; null where counts are not used. */
  readonly counted: "user" | "user+kernel" | null;
  readonly notes: readonly string[];
}

/** A way to know the clock of runs. Hz. */
interface RunClock {
  /** Clocks of the runs of a machine. */
  readonly of: (runs: MachineReadings) => Float64Array;
  /** Those of them that were measured independently of each other: the runs of a batch share one. */
  readonly independent: (runs: MachineReadings) => readonly number[];
}

/** The runs of one row on one machine that count, and what was read of its processor. */
export interface MachineReadings extends CountedReadings {
  readonly machine: string;
  readonly cpu_s: Float64Array;
  /** The clock around each run's batch: the mean of before and after. NaN where it was not measured. Hz. */
  readonly chain_hz: Float64Array;
}

interface SideOfRow {
  readonly side: string;
  readonly machines: readonly MachineReadings[];
}

/** By how much the clock by additions and that of the cycle counter may differ: interrupted batches, short steps. */
const clocksAgree = 0.05;

/** Returns what both sides' runs can be split by. */
export function evidenceOf(sides: readonly SideOfRow[]): Evidence {
  const without = sides.filter(({ machines }) => machines.some(({ chain_hz }) => chain_hz.some(Number.isNaN)));
  const { counted, why } = countsOf(sides);
  const clock = counted === "user+kernel" ? byCycles : without.length === 0 ? byAdditions : undefined;
  if (clock === undefined) return { clock, counted: null, notes: without.map(({ side }) => noClockNote(side)) };
  const notes = [
    ...(why === undefined ? [] : [why]),
    ...(counted === "user" ? ["instructions of the steps' own code alone: the kernel's part was not counted"] : []),
    ...(counted === "user+kernel" ? sides.flatMap(disagreements) : []),
  ];
  return { clock, counted, notes };
}

export function noClockNote(side: string): string {
  return `${side}: no clock was measured there`;
}

/** Returns what the counts of all runs include, or why they are not used: no reason where there are no counts at all. */
function countsOf(sides: readonly SideOfRow[]): { readonly counted: Evidence["counted"]; readonly why?: string } {
  const bySide = sides.map(({ side, machines }) => ({
    side,
    kinds: new Set(machines.flatMap(({ counted }) => [...counted])),
    isShared: machines.some(({ multiplexed }) => multiplexed),
  }));
  const kinds = new Set(bySide.flatMap((one) => [...one.kinds]));
  if (kinds.size === 1 && kinds.has("nothing")) return { counted: null };
  if (kinds.size !== 1) {
    const what = bySide.map((one) => `${[...one.kinds].join(" or ")} on ${one.side}`).join(", ");
    return { counted: null, why: `instructions are not compared: counted were ${what}` };
  }
  const shared = bySide.filter(({ isShared }) => isShared);
  if (shared.length > 0) {
    const where = shared.map(({ side }) => side).join(" and ");
    return { counted: null, why: `instructions are not compared: the counters shared their hardware on ${where}` };
  }
  const [kind] = kinds;
  return { counted: kind === "user" || kind === "user+kernel" ? kind : null };
}

function disagreements({ machines }: SideOfRow): string[] {
  return machines.flatMap((runs) => {
    const { machine, chain_hz } = runs;
    if (chain_hz.length === 0 || chain_hz.some(Number.isNaN)) return [];
    const [adding, counting] = [median(chain_hz), median(byCycles.of(runs))];
    if (Math.abs(Math.log(adding / counting)) <= clocksAgree) return [];
    return [
      `${machine}: ${ghz(adding)} GHz by additions, ${ghz(counting)} GHz by the cycle counter: one clock is wrong`,
    ];
  });
}

/** Formats a clock in GHz, without the unit. */
export function ghz(clock_hz: number): string {
  return (clock_hz / 1e9).toFixed(2);
}

/** Returns the runs of one machine that count, with their readings. Undefined where it has no runs. */
export function machineReadings(runs: RowRuns, side: string, machine: string): MachineReadings | undefined {
  const [counted, readings] = [runs.counted(side, machine), runs.readings(side, machine)];
  if (counted === undefined || readings === undefined) return undefined;
  const chain_hz = clocksAround(readings.clock_hz_before, readings.clock_hz_after);
  return { ...readings, machine, cpu_s: counted.cpu_s, chain_hz };
}

const byAdditions: RunClock = {
  of: ({ chain_hz }) => chain_hz,
  independent: ({ batches, chain_hz }) => {
    const byBatch = new Map<number, number>();
    for (let k = 0; k < batches.length; k++) byBatch.set(batches[k] as number, chain_hz[k] as number);
    return [...byBatch.values()];
  },
};

const byCycles: RunClock = {
  of: ({ cycles, cpu_s }) => cycles.map((count, k) => count / (cpu_s[k] as number)),
  independent: (runs) => Array.from(byCycles.of(runs)),
};
