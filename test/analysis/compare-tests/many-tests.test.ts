// More tests than a call takes arguments. In a thread with a small stack, where that is a number that does not take long.

import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { CompareTestsResult } from "../../../src/analysis/compare-tests/compare-tests.ts";
import { normal, seeded } from "../../support/noise-samples.ts";

const count = 25_000;
const stackSizeMb = 0.35;

/** What the thread does: it compares `few`, and `count` tests that are those again and again. */
const program = `
import { compareTests } from "./src/analysis/compare-tests/compare-tests.ts";
import { parentPort, workerData } from "node:worker_threads";
const { few, count } = workerData;
const many = Array.from({ length: count }, (_, i) => few[i % 2]);
let isTooMany = false;
try {
  Math.max(...many.keys());
} catch {
  isTooMany = true;
}
void (async () => {
  const all = await compareTests({ tests: many });
  const two = await compareTests({ tests: few });
  parentPort.postMessage({ isTooMany, length: all.tests.length, all: all.geomean, two: two.geomean });
})();
`;

interface Said {
  readonly isTooMany: boolean;
  readonly length: number;
  readonly all: CompareTestsResult["geomean"];
  readonly two: CompareTestsResult["geomean"];
}

/** `n` times near `median`, spread by 1 %; the same for the same seed. */
function near(median: number, n: number, seed: number): number[] {
  const draw = seeded(seed);
  return Array.from({ length: n }, () => median * Math.exp(0.01 * normal(draw)));
}

test("more tests than a call takes arguments are as many as two", async () => {
  const root = join(import.meta.dirname, "../../..");
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
  });
  const few = [
    { name: "a", baseline: [near(2, 6, 1)], contender: [near(1, 6, 2)] },
    { name: "b", baseline: [near(1, 6, 3)], contender: [near(2, 6, 4)] },
  ];
  const thread = new Worker(outputFiles[0]?.text ?? "", {
    eval: true,
    workerData: { few, count },
    resourceLimits: { stackSizeMb },
  });
  const [said] = (await once(thread, "message")) as [Said];
  await thread.terminate();
  expect([said.isTooMany, said.length]).toEqual([true, count]);
  expect(said.all?.speedup).toBeCloseTo(said.two?.speedup ?? 0, 9);
});
