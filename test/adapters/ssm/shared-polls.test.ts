// Asking for the commands of many machines together costs fewer calls than one by one, and no time. It compares what this
// process does in time: vitest.config.ts begins it last.

import { afterAll, beforeAll, expect, test } from "vitest";
import { machines, PolledMachines } from "../../support/polled-machines.ts";

const works_s = 2;
let polled: PolledMachines;
beforeAll(async () => {
  polled = await PolledMachines.rent();
});
afterAll(() => polled[Symbol.asyncDispose]());

test("ten machines of one account are asked for together: fewer calls than ten alone, and none of them later", async () => {
  const mean = ({ took_s }: { took_s: number[] }): number => took_s.reduce((sum, each) => sum + each, 0) / machines;
  // What a busy computer adds differs from one to the other: the least disturbed of a few pairs counts.
  let [later_s, share] = [Infinity, Infinity];
  for (let pair = 0; pair < 3 && (later_s >= 0.5 || share >= 0.5); pair++) {
    const alone = await polled.everywhere(`sleep ${works_s}`, () => polled.transport());
    const transport = polled.transport();
    const together = await polled.everywhere(`sleep ${works_s}`, () => transport);
    expect(alone.lists).toBe(0);
    // One question of its own each for its output, and some that no list in time could answer.
    expect(together.gets).toBeLessThanOrEqual(4 * machines);
    later_s = Math.min(later_s, mean(together) - mean(alone));
    share = Math.min(share, together.calls / alone.calls);
  }
  expect(share).toBeLessThan(0.5);
  expect(later_s).toBeLessThan(0.5);
});
