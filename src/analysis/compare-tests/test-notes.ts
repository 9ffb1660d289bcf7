// Caveats on a speedup. Caveats of one kind have the same text, so that a report can print each once.

import type { KeptSide } from "../comparison/kept-runs.ts";
import type { JudgedTest } from "../comparison/verdict.ts";
import { excludesOne } from "../statistics/log-interval.ts";

/** With fewer kept runs on a machine, its median is weak. */
const fewRuns = 3;

/** How the caveat begins that says what it takes for a speedup to hold for the types. */
export const typeCaveat = "holds for the types only";

/** Returns the caveats on `test`. `sharedHost`: machines share a host, so nothing carries over to their types. */
export function testNotes(test: JudgedTest, sharedHost: boolean): string[] {
  if (test.failure === "failed") return [...lost(test), "no machine left on a side"];
  if (test.failure === "too-short") {
    return [...lost(test), test.resolution_s > 0 ? "too short: under 10 ticks of the clock" : "too short: a time of 0"];
  }
  return [...lost(test), ...onMachines(test), ...onInterval(test), ...typeCaveats(test, sharedHost)];
}

function lost({ baseline, contender }: JudgedTest): string[] {
  const machines = baseline.leftOut.length + contender.leftOut.length;
  return machines > 0 ? [`${countOf(machines, "machine")} left out: more than half of the runs not kept`] : [];
}

function onMachines({ baseline, contender, interval, scope }: JudgedTest): string[] {
  const [b, c] = [baseline.machines.length, contender.machines.length];
  const notes: string[] = [];
  if (b !== c) notes.push(`unequal numbers of machines: ${b} and ${c}`);
  if (interval !== null && scope === "type" && Math.min(b, c) === 2)
    notes.push("only 2 machines on a side: a wide interval");
  if (interval !== null && (hasFew(baseline) || hasFew(contender)))
    notes.push(`under ${fewRuns} kept runs on a machine`);
  return notes;
}

function onInterval({ d, interval, verdict, family, scope }: JudgedTest): string[] {
  if (interval === null && scope === "type") return ["no spread seen between the machines of a side: no interval"];
  if (d === null || interval === null) return ["not enough runs for an interval"];
  const notes: string[] = [];
  if (interval.down === 0 && interval.up === 0 && d !== 0) notes.push("no spread seen");
  if (verdict === "none" && excludesOne(d, interval)) notes.push(`not after allowing for ${family} tests`);
  return notes;
}

/**
 * States how much machines of one type may differ (standard deviation) for the difference to hold for the types too.
 */
function typeCaveats({ d, interval, scope, verdict }: JudgedTest, sharedHost: boolean): string[] {
  if (sharedHost || scope === "type" || d === null || interval === null) return [];
  if (verdict !== "faster" && verdict !== "slower") return [];
  const h = d > 0 ? interval.down : interval.up;
  const s = Math.sqrt(Math.max(0, d ** 2 - h ** 2)) / (1.96 * Math.SQRT2);
  return [`${typeCaveat} if machines of one type differ by under ${percent(s)} (sd)`];
}

function hasFew({ machines }: KeptSide): boolean {
  return machines.some(({ times_s }) => times_s.length < fewRuns);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** Returns a count with its noun: `1 run`, `2 runs`. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
