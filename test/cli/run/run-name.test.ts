// The newest of several runs is found by name.

import { expect, test } from "vitest";
import { newRunIdentity } from "../../../src/cli/run/run-name.ts";

test("names of runs that follow each other in a second sort by time, and runs begun together have different names", () => {
  const begun = (ms: number): string => newRunIdentity(new Date(Date.UTC(2026, 10, 24, 3, 15, 0, ms))).run;
  const names = Array.from({ length: 16 }, (_, i) => begun(i * 63));
  expect(names).toEqual(names.toSorted());
  for (const name of [...names, begun(999)]) expect(name).toMatch(/^20261124-031500-[0-9a-f]{4}$/);
  expect(new Set(Array.from({ length: 8 }, () => begun(0))).size).toBeGreaterThan(1);
});
