// Decides which clock and which counts of two sides' runs a speedup can be split by, and says why not by more.

import type { RowRun } from "../comparison/row-runs.ts";
import { median } from "../statistics/samples.ts";

/** What a speedup is split by. */
export interface Evidence {
  /** Undefined where a run of either side has no clock. */
  readonly clock: RunClock | undefined;
  /** What the counts include; null where counts are not used. */
  readonly counted: "user" | "user+kernel" | null;
  readonly notes: readonly string[];
}

/** A way to know the clock of a run. Hz. */
interface RunClock {
  /** Clock of a run that has one. */
  readonly of: (run: RowRun) => number;
  /** Clocks of `runs` that were measured independently of each other: the runs of a batch share one. */
  readonly independent: (runs: readonly RowRun[]) => number[];
}

interface SideOfRow {
  readonly side: string;
  readonly machines: readonly { readonly machine: string; readonly runs: readonly RowRun[] }[];
}

/** By how much the clock by additions and that of the cycle counter may differ: interrupted batches, short steps. */
const clocksAgree = 0.05;

/** Returns what both sides' runs can be split by. */
export function evidenceOf(sides: readonly SideOfRow[]): Evidence {
  const runs = sides.flatMap(({ machines }) => machines.flatMap((machine) => machine.runs));
  const chain = runs.every((run) => chainClock(run) !== undefined) ? byAdditions : undefined;
  const { counted, why } = countsOf(sides);
  const clock = counted === "user+kernel" ? byCycles : chain;
  if (clock === undefined) {
    const without = sides.filter(({ machines }) =>
      machines.some((machine) => machine.runs.some((run) => chainClock(run) === undefined)),
    );
    return { clock, counted: null, notes: without.map(({ side }) => `${side}: no clock was measured there`) };
  }
  const notes = [
    ...(why === undefined ? [] : [why]),
    ...(counted === "user" ? ["instructions of the steps' own code alone: the kernel's part was not counted"] : []),
    ...(counted === "user+kernel" ? sides.flatMap(disagreements) : []),
  ];
  return { clock, counted, notes };
}

/** Returns what the counts of all runs include, or why they are not used: no reason where there are no counts at all. */
function countsOf(sides: readonly SideOfRow[]): { readonly counted: Evidence["counted"]; readonly why?: string } {
  const bySide = sides.map(({ side, machines }) => {
    const counts = machines.flatMap((machine) => machine.runs.map((run) => run.counts));
    return { side, counts, kinds: new Set(counts.map((one) => one?.counted ?? "nothing")) };
  });
  const kinds = new Set(bySide.flatMap((one) => [...one.kinds]));
  if (kinds.size === 1 && kinds.has("nothing")) return { counted: null };
  if (kinds.size !== 1) {
    const what = bySide.map((one) => `${[...one.kinds].join(" or ")} on ${one.side}`).join(", ");
    return { counted: null, why: `instructions are not compared: counted were ${what}` };
  }
  const shared = bySide.filter(({ counts }) => counts.some((one) => one?.multiplexed === true));
  if (shared.length > 0) {
    const where = shared.map(({ side }) => side).join(" and ");
    return { counted: null, why: `instructions are not compared: the counters shared their hardware on ${where}` };
  }
  const [kind] = kinds;
  return { counted: kind === "user" || kind === "user+kernel" ? kind : null };
}

function disagreements({ machines }: SideOfRow): string[] {
  return machines.flatMap(({ machine, runs }) => {
    const chains = runs.flatMap((run) => chainClock(run) ?? []);
    if (chains.length < runs.length || runs.length === 0) return [];
    const [adding, counting] = [median(chains), median(runs.map(byCycles.of))];
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

/** Returns the clock that was measured around the run's batch: the mean of before and after. */
export function chainClock({ clock_hz_before, clock_hz_after }: RowRun): number | undefined {
  const seen = [clock_hz_before, clock_hz_after].filter((hz) => hz !== undefined);
  return seen.length === 0 ? undefined : seen.reduce((sum, hz) => sum + hz, 0) / seen.length;
}

const byAdditions: RunClock = {
  of: (run) => chainClock(run) ?? Number.NaN,
  // The runs of a batch share its clocks.
  independent: (runs) => [...new Map(runs.map((run) => [run.batch, chainClock(run) ?? Number.NaN])).values()],
};

const byCycles: RunClock = {
  of: ({ counts, cpu_s }) => (counts?.cycles ?? Number.NaN) / (cpu_s ?? Number.NaN),
  independent: (runs) => runs.map(byCycles.of),
};
