// Splits a speedup in CPU time into factors: the clock, the instructions, and the work that is done in a cycle.
//
// CPU time = instructions / (instructions per cycle x cycles per second), so the speedup is exactly the product of
// three ratios. Without counters it is the clock and the rest. Each machine has one value of each factor, such that
// their product is its median time; the intervals are of the same kind as the speedup's (docs/why.md).

import type { ComparedRow, SpeedupResult } from "../comparison/comparison.ts";
import type { RowRuns } from "../comparison/row-runs.ts";
import type { LogInterval } from "../statistics/log-interval.ts";
import { machinesInterval } from "../statistics/machines-interval.ts";
import { median, meanLog } from "../statistics/samples.ts";
import { loadStudent } from "../statistics/student.ts";
import { typeInterval } from "../statistics/type-interval.ts";
import { type Evidence, evidenceOf, machineReadings, type MachineReadings, noClockNote } from "./evidence.ts";

/** `rest`: what the clock does not explain, where instructions are not counted. */
export type FactorName = "clock" | "instructions" | "work-per-cycle" | "rest";

/** One factor of a speedup: above 1 it makes the contender faster. */
export interface SpeedupFactor {
  readonly name: FactorName;
  readonly value: number;
  /** Ends of the 95 % interval; both null where there is none. */
  readonly lo: number | null;
  readonly hi: number | null;
}

/** The factors of one contender's speedup in CPU time. */
export interface SpeedupFactors {
  /** Their product is the speedup. Empty where nothing is known: `notes` says why. */
  readonly factors: readonly SpeedupFactor[];
  /** What the counts include; null where none were used. */
  readonly counted: "user" | "user+kernel" | null;
  readonly notes: readonly string[];
}

/** One factor on one machine, as a time: less of it is faster. */
interface MachineFactor {
  /** The machine's value. The values of all factors multiply to the machine's median time. */
  readonly point: number;
  /** Returns one value for each of what was measured independently: a run, or a batch of runs. */
  readonly series: () => readonly number[];
}

/** Splits the speedup of each of `contenders` over `baseline` in `row`, of which `runs` are the runs. */
export async function factorsOfRow(
  row: ComparedRow,
  runs: RowRuns | undefined,
  { baseline, contenders }: { readonly baseline: string; readonly contenders: readonly string[] },
): Promise<Record<string, SpeedupFactors>> {
  const found: [string, SpeedupFactors][] = [];
  // The baseline is in every speedup.
  let known: SideOfRow | undefined;
  for (const contender of contenders) {
    const speedup = row.speedups[contender]?.cpu;
    if (speedup?.value == null) found.push([contender, { factors: [], counted: null, notes: [] }]);
    else if (runs?.hasReadings !== true)
      found.push([contender, { factors: [], counted: null, notes: [baseline, contender].map(noClockNote) }]);
    else {
      known ??= sideOf(row, runs, baseline);
      found.push([contender, await factorsOf(speedup, known, sideOf(row, runs, contender))]);
    }
  }
  return Object.fromEntries(found);
}

interface SideOfRow {
  readonly side: string;
  readonly machines: readonly MachineOfRow[];
}

/** Returns the machines of `side` that count, with what was read of them. */
function sideOf(row: ComparedRow, runs: RowRuns, side: string): SideOfRow {
  const machines = row.cells[side]?.cpu.machines ?? [];
  return {
    side,
    machines: machines.flatMap(({ machine, median_s }) => {
      const readings = machineReadings(runs, side, machine);
      return readings === undefined ? [] : [{ ...readings, median_s, known: new Map() }];
    }),
  };
}

async function factorsOf(speedup: SpeedupResult, baseline: SideOfRow, contender: SideOfRow): Promise<SpeedupFactors> {
  const sides = [baseline, contender];
  const found = evidenceOf(sides);
  if (found.clock === undefined) return { factors: [], counted: null, notes: found.notes };
  const names: FactorName[] = found.counted === null ? ["clock", "rest"] : ["clock", "instructions", "work-per-cycle"];
  const [b = [], c = []] = sides.map(({ machines }) => machines.map((machine) => machineFactors(machine, found)));
  const factors = await Promise.all(
    names.map(async (name, i): Promise<SpeedupFactor> => {
      const [ofB, ofC] = [b.map((all) => all[i] as MachineFactor), c.map((all) => all[i] as MachineFactor)];
      const d = meanLog(ofB.map(({ point }) => point)) - meanLog(ofC.map(({ point }) => point));
      const interval = speedup.lo === null ? undefined : await intervalOf(speedup.scope, d, ofB, ofC);
      const [lo, hi] = interval === undefined ? [null, null] : [Math.exp(d - interval.down), Math.exp(d + interval.up)];
      return { name, value: Math.exp(d), lo, hi };
    }),
  );
  return { factors, counted: found.counted, notes: found.notes };
}

interface MachineOfRow extends MachineReadings {
  readonly median_s: number;
  /** Its factors by what the counts include. */
  readonly known: Map<Evidence["counted"], readonly MachineFactor[]>;
}

function machineFactors(machine: MachineOfRow, { clock, counted }: Evidence): readonly MachineFactor[] {
  const known =
    machine.known.get(counted) ?? computedFactors(machine, clock as NonNullable<Evidence["clock"]>, counted);
  machine.known.set(counted, known);
  return known;
}

function computedFactors(
  machine: MachineOfRow,
  clock: NonNullable<Evidence["clock"]>,
  counted: Evidence["counted"],
): MachineFactor[] {
  const { median_s, cpu_s } = machine;
  const clocks_hz = clock.independent(machine);
  const clock_hz = median(clocks_hz);
  const ofClock = { point: 1 / clock_hz, series: once(() => Array.from(clocks_hz, (hz) => 1 / hz)) };
  const cycles = once(() => {
    const hz = clock.of(machine);
    return Array.from(cpu_s, (time_s, k) => time_s * (hz[k] as number));
  });
  if (counted === null) return [ofClock, { point: median_s * clock_hz, series: cycles }];
  const { instructions } = machine;
  const middle = median(instructions);
  const perCycle = once(() => cycles().map((each, k) => each / (instructions[k] as number)));
  return [
    ofClock,
    { point: middle, series: once(() => Array.from(instructions)) },
    { point: (median_s * clock_hz) / middle, series: perCycle },
  ];
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Returns the interval of the kind that the speedup has. Undefined where there is too little for one. */
async function intervalOf(
  scope: "type" | "machines",
  d: number,
  baseline: readonly MachineFactor[],
  contender: readonly MachineFactor[],
): Promise<LogInterval | undefined> {
  if (scope === "machines")
    return machinesInterval(
      baseline.map(({ series }) => series()),
      contender.map(({ series }) => series()),
    );
  const logs = (side: readonly MachineFactor[]): number[] => side.map(({ point }) => Math.log(point));
  const interval = typeInterval(logs(baseline), logs(contender), await loadStudent());
  // Machines of a type never agree to the last digit. Values that do say nothing about the type's other machines.
  return d !== 0 && interval.down === 0 && interval.up === 0 ? undefined : interval;
}
