// The clock and the counters of a machine's processor, as its agent reads them around a trial. Machines are not
// trusted: a reading that no processor can give is dropped, with the reason.

import * as v from "valibot";

/** The slowest and the fastest clock that are believed. Hz. */
const clockRange_hz = { least: 1e8, most: 1e10 } as const;

/** No core executes as many instructions in a cycle. */
const mostPerCycle = 32;

/** Counts are read in steps of a microsecond of counting. Seconds. */
const slack_s = 1e-4;

const clockField = v.pipe(v.number(), v.minValue(clockRange_hz.least), v.maxValue(clockRange_hz.most));
const countField = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e18));
const spanField = v.pipe(v.number(), v.minValue(0), v.maxValue(1e9));

/** What counts include: the kernel's work for the step too, or that of the step's own code alone. */
const countedField = v.picklist(["user", "user+kernel"]);

/** The fields of a record. */
export const readingFields = {
  /** The clock at which a CPU ran just before and just after the trial's batch. */
  clock_hz_before: v.optional(clockField),
  clock_hz_after: v.optional(clockField),
  counted: v.optional(countedField),
  cycles: v.optional(countField),
  instructions: v.optional(countField),
  branch_misses: v.optional(countField),
  llc_misses: v.optional(countField),
  /** How long the counters were to count, and how long they did: less where they had to share the hardware. */
  counters_enabled_s: v.optional(spanField),
  counters_running_s: v.optional(spanField),
};

/** Whether a processor can run at `clock_hz`. */
export function isSoundClock(clock_hz: number): boolean {
  return clock_hz >= clockRange_hz.least && clock_hz <= clockRange_hz.most;
}

/** The range of a machine's clock over a run, in its facts. */
export const clockRangeField = v.object({ least: clockField, most: clockField });
export type ClockRange = Readonly<v.InferOutput<typeof clockRangeField>>;

/** The same fields in the journal of a machine, whatever they say: an impossible one is dropped, not the machine. */
export const readingLine = {
  clock_hz_before: v.optional(v.number()),
  counted: v.optional(v.string()),
  cycles: v.optional(v.number()),
  instructions: v.optional(v.number()),
  branch_misses: v.optional(v.number()),
  llc_misses: v.optional(v.number()),
  counters_enabled_s: v.optional(v.number()),
  counters_running_s: v.optional(v.number()),
};

const recorded = v.object(readingFields);
export type ProcessorReadings = Readonly<v.InferOutput<typeof recorded>>;

const clocks = ["clock_hz_before", "clock_hz_after"] as const;
export type ReadingName = keyof typeof readingFields;
type CounterName = Exclude<ReadingName, (typeof clocks)[number]>;

/** The names of all readings, in the order of a record. */
export const readingNames = Object.keys(readingFields) as ReadingName[];
const counters = readingNames.filter((name): name is CounterName => !(clocks as readonly string[]).includes(name));

type Line = { readonly [K in ReadingName]?: string | number | undefined };

/** Returns the readings of `line` that a processor can give, and why the others are dropped. */
export function soundReadings(line: Line): { readonly readings: ProcessorReadings; readonly faults: string[] } {
  const [readings, faults]: [Record<string, unknown>, string[]] = [{}, []];
  for (const name of clocks) {
    const value = line[name];
    if (value === undefined) continue;
    if (v.is(clockField, value)) readings[name] = value;
    else faults.push(`${name}: expected ${clockRange_hz.least} to ${clockRange_hz.most} Hz, got ${value}`);
  }
  const fault = countersFault(line);
  if (fault !== undefined) faults.push(fault);
  else for (const name of counters) if (line[name] !== undefined) readings[name] = line[name];
  // Each was checked against its own schema.
  return { readings: readings as ProcessorReadings, faults };
}

/** Returns why the counts are impossible. Undefined where they are possible, or there are none. */
function countersFault(line: Line): string | undefined {
  if (counters.every((name) => line[name] === undefined)) return undefined;
  for (const name of counters) {
    if (!v.is(readingFields[name], line[name])) return `${name}: impossible count ${line[name]}`;
  }
  const { counted, cycles, instructions, counters_enabled_s, counters_running_s } = line as ProcessorReadings;
  if (counted === undefined || counters_enabled_s === undefined || counters_running_s === undefined)
    return "counters: what was counted, and for how long, is not told";
  if (counters_running_s === 0) return "counters: they never ran";
  if (counters_running_s > counters_enabled_s)
    return `counters: they ran for ${counters_running_s} s of ${counters_enabled_s} s`;
  if (!(cycles !== undefined && cycles > 0) || !(instructions !== undefined && instructions > 0))
    return "counters: expected cycles and instructions above 0";
  if (cycles > (counters_running_s + slack_s) * clockRange_hz.most)
    return `cycles: ${cycles} in ${counters_running_s} s are beyond ${clockRange_hz.most} Hz`;
  if (instructions > mostPerCycle * cycles)
    return `instructions: ${instructions} in ${cycles} cycles are more than ${mostPerCycle} a cycle`;
  return undefined;
}

/** Returns `range`, widened by the clocks of `readings`; undefined where there are none at all. */
export function widenClockRange(range: ClockRange | undefined, readings: ProcessorReadings): ClockRange | undefined {
  const seen = [range?.least, range?.most, readings.clock_hz_before, readings.clock_hz_after].filter(
    (clock_hz) => clock_hz !== undefined,
  );
  return seen.length === 0 ? undefined : { least: Math.min(...seen), most: Math.max(...seen) };
}
