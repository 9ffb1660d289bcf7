import { expect, test } from "vitest";
import { impossibleTimes } from "../../../src/domain/run/impossible-times.ts";

const one_s = { real_s: 1, user_s: 0.9, system_s: 0.05 };
const bounds = { ncpu: 4, limit_s: 60, seen_s: 5 };

test.each([
  ["not finite", { ...one_s, real_s: Infinity }, "expected real seconds, got Infinity"],
  ["below nothing", { ...one_s, user_s: -0.1 }, "expected user seconds, got -0.1"],
  ["above its limit", { ...one_s, real_s: 1e308 }, "1e+308 s where the limit is 60 s"],
  ["longer than all that we waited", { ...one_s, real_s: 30 }, "30 s where at most 5 s had passed"],
  ["more CPU than its CPUs have", { ...one_s, user_s: 5 }, "5.05 s of CPU in 1 s on 4 CPUs"],
])("a time that is %s is impossible, and why is said", (_, times, why) => {
  expect(impossibleTimes(times, bounds)).toBe(`impossible-time: ${why}`);
});

test.each([
  ["all CPUs were busy", { real_s: 1, user_s: 4, system_s: 0 }, bounds],
  ["the CPU clock ticks coarsely", { real_s: 0.001, user_s: 0.01, system_s: 0, cpu_resolution_s: 0.01 }, bounds],
  ["the real clock ticks coarsely", { real_s: 0, user_s: 0.01, system_s: 0, real_resolution_s: 0.01 }, bounds],
  ["a busy machine ended it late", { ...one_s, real_s: 65 }, { ncpu: 1, limit_s: 60 }],
  ["nobody watched", { ...one_s, real_s: 3600 }, { ncpu: 1 }],
])("a time is possible where %s", (_, times, within) => {
  expect(impossibleTimes(times, within)).toBeUndefined();
});
