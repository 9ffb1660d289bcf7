// What a machine says of its processor's clock and counters is believed only where a processor can give it.

import { expect, test } from "vitest";
import { soundReadings, widenClockRange } from "../../../src/domain/run/processor-readings.ts";

// 2.5 GHz over 4.96 s of CPU time, 1.48 instructions a cycle.
const counts = {
  counted: "user+kernel",
  cycles: 12_400_125_000,
  instructions: 18_353_911_000,
  branch_misses: 61_200_000,
  counters_enabled_s: 4.96,
  counters_running_s: 4.96,
};

test("a clock and whole counts are kept as they are", () => {
  const line = { clock_hz_before: 2.5e9, clock_hz_after: 2.49e9, ...counts };
  expect(soundReadings(line)).toEqual({ readings: line, faults: [] });
  expect(soundReadings({})).toEqual({ readings: {}, faults: [] });
});

test.each([
  ["a clock of 0", 0],
  ["a clock of a virtual machine that lies", 1e12],
  ["a negative clock", -2.5e9],
  ["a clock without end", Number.POSITIVE_INFINITY],
  ["no number", Number.NaN],
])("%s is dropped, with the reason, and the other one kept", (_, clock_hz) => {
  const { readings, faults } = soundReadings({ clock_hz_before: clock_hz, clock_hz_after: 2.5e9 });
  expect(readings).toEqual({ clock_hz_after: 2.5e9 });
  expect(faults).toEqual([`clock_hz_before: expected 100000000 to 10000000000 Hz, got ${clock_hz}`]);
});

test.each([
  ["went backwards", { cycles: -5 }, "cycles: impossible count -5"],
  ["went backwards in 64 bits", { instructions: 2 ** 64 - 5 }, `instructions: impossible count ${2 ** 64 - 5}`],
  ["are multiplexed to nothing", { counters_running_s: 0 }, "counters: they never ran"],
  ["ran for longer than they were to", { counters_running_s: 5 }, "counters: they ran for 5 s of 4.96 s"],
  ["counted nothing", { cycles: 0 }, "counters: expected cycles and instructions above 0"],
  ["do not say what they include", { counted: undefined }, "counters: what was counted, and for how long, is not told"],
  ["include something unheard of", { counted: "all" }, "counted: impossible count all"],
  ["are faster than any clock", { cycles: 1e12 }, "cycles: 1000000000000 in 4.96 s are beyond 10000000000 Hz"],
  [
    "execute more in a cycle than any core",
    { instructions: 1e12 },
    "instructions: 1000000000000 in 12400125000 cycles are more than 32 a cycle",
  ],
])("counters that %s are dropped, with the reason, and the clock kept", (_, wrong, fault) => {
  const line = { clock_hz_before: 2.5e9, ...counts, ...wrong };
  expect(soundReadings(line)).toEqual({ readings: { clock_hz_before: 2.5e9 }, faults: [fault] });
});

test("counters that shared the hardware for a while are kept, with the time that they counted", () => {
  const line = { ...counts, counters_running_s: 2.5 };
  expect(soundReadings(line)).toEqual({ readings: line, faults: [] });
});

test("the range of the clock holds every clock that was seen", () => {
  const once = widenClockRange(undefined, { clock_hz_before: 3e9, clock_hz_after: 2.9e9 });
  expect(once).toEqual({ least: 2.9e9, most: 3e9 });
  expect(widenClockRange(once, { clock_hz_before: 3.1e9 })).toEqual({ least: 2.9e9, most: 3.1e9 });
  expect(widenClockRange(once, {})).toEqual(once);
  expect(widenClockRange(undefined, {})).toBeUndefined();
});
