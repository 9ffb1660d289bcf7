// Splits a speedup in CPU time into factors: the clock, the instructions, and the work that is done in a cycle.
//
// CPU time = instructions / (instructions per cycle x cycles per second), so the speedup is exactly the product of
// three ratios. Without counters it is the clock and the rest. Each machine has one value of each factor, such that
// their product is its median time; the intervals are of the same kind as the speedup's (docs/why.md).

import type { ComparedRow } from "../comparison/comparison.ts";
import type { RowRun, RowRuns } from "../comparison/row-runs.ts";
import type { LogInterval } from "../statistics/log-interval.ts";
import { machinesInterval } from "../statistics/machines-interval.ts";
import { median, meanLog } from "../statistics/samples.ts";
import { loadStudent } from "../statistics/student.ts";
import { typeInterval } from "../statistics/type-interval.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";

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
  /** One value for each of what was measured independently: a run, or a batch of runs. */
  readonly series: readonly number[];
}

/** Splits the speedup of `contender` over `baseline` in `row`, of which `runs` are the runs. */
export async function factorsOf(
  row: ComparedRow,
  runs: RowRuns | undefined,
  { baseline, contender }: { readonly baseline: string; readonly contender: string },
): Promise<SpeedupFactors> {
  const speedup = row.speedups[contender]?.cpu;
  if (speedup?.value == null) return { factors: [], counted: null, notes: [] };
  // Where nothing was read of any run, one run says so for all.
  const runsOf = (side: string, machine: string): readonly RowRun[] =>
    runs?.hasReadings === true ? runs.of(side, machine).filter(isKept) : (runs?.of(side, machine, 1) ?? []);
  const sides = [baseline, contender].map((side) => ({
    side,
    machines: (row.cells[side]?.cpu.machines ?? []).map(({ machine, median_s }) => ({
      machine,
      median_s,
      runs: runsOf(side, machine),
    })),
  }));
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

function isKept(run: RowRun): boolean {
  return run.left_out === null && run.cpu_s !== null;
}

interface MachineOfRow {
  readonly median_s: number;
  readonly runs: readonly RowRun[];
}

function machineFactors({ median_s, runs }: MachineOfRow, { clock, counted }: Evidence): MachineFactor[] {
  const clockOf = clock as NonNullable<Evidence["clock"]>;
  const clocks_hz = clockOf.independent(runs);
  const clock_hz = median(clocks_hz);
  const ofClock = { point: 1 / clock_hz, series: clocks_hz.map((hz) => 1 / hz) };
  const cycles = runs.map((run) => (run.cpu_s ?? 0) * clockOf.of(run));
  if (counted === null) return [ofClock, { point: median_s * clock_hz, series: cycles }];
  const instructions = runs.map(({ counts }) => counts?.instructions ?? Number.NaN);
  const middle = median(instructions);
  return [
    ofClock,
    { point: middle, series: instructions },
    { point: (median_s * clock_hz) / middle, series: cycles.map((each, i) => each / (instructions[i] as number)) },
  ];
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
      baseline.map(({ series }) => series),
      contender.map(({ series }) => series),
    );
  const logs = (side: readonly MachineFactor[]): number[] => side.map(({ point }) => Math.log(point));
  const interval = typeInterval(logs(baseline), logs(contender), await loadStudent());
  // Machines of a type never agree to the last digit. Values that do say nothing about the type's other machines.
  return d !== 0 && interval.down === 0 && interval.up === 0 ? undefined : interval;
}
