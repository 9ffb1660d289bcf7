// One trial: `trial.mjs ROW ITERATIONS`. The kernel under tinybench: so many runs and no more, after a fifth as many to
// let V8 compile. Prints the digest of what every single run returned, and tinybench's p50.

import { createHash } from "node:crypto";
import { Bench } from "tinybench";
import { kernel } from "./kernels.mjs";

const [row = "", iterationsText = ""] = process.argv.slice(2);
const iterations = Number(iterationsText);
const run = kernel(row);

// Kept outside the timing: the same text as before costs one comparison, another one is remembered.
let runs = 0;
const results = new Set();
const bench = new Bench({
  iterations,
  time: 0,
  warmup: true,
  warmupIterations: Math.ceil(iterations / 5),
  warmupTime: 0,
  throws: true,
});
let last;
bench.add(
  row,
  () => {
    last = run();
  },
  {
    afterEach: () => {
      runs += 1;
      results.add(last);
    },
  },
);
await bench.run();
const { result } = bench.tasks[0];
if (result.state !== "completed") throw new Error(`tinybench: ${result.state}`);
for (const text of results) console.log(`Digest = ${createHash("sha256").update(text).digest("hex")}`);
console.log(`Runs = ${result.latency.samplesCount} of ${runs}`);
console.log(`P50 = ${(result.latency.p50 / 1000).toFixed(9)} seconds`);
